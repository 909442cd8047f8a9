import { Prices } from "../../parts/admin/prices";
import { Frame } from "../../parts/admin/frame";

/** What models cost people, and us. */
export default function PricesPage() {
  return (
    <Frame title="Prices">
      <Prices />
    </Frame>
  );
}
