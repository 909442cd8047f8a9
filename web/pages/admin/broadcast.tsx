import { Broadcasts } from "../../parts/admin/broadcasts";
import { Frame } from "../../parts/admin/frame";

/** Words to everybody. */
export default function BroadcastPage() {
  return (
    <Frame title="Broadcast">
      <Broadcasts />
    </Frame>
  );
}
