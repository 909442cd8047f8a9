import { Packages } from "../../parts/admin/packages";
import { Frame } from "../../parts/admin/frame";

/** What is sold, and the rate of ZiG. */
export default function PackagesPage() {
  return (
    <Frame title="Packages">
      <Packages />
    </Frame>
  );
}
