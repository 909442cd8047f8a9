import { Batches } from "../../parts/admin/batches";
import { Frame } from "../../parts/admin/frame";

/** Tokens on paper. */
export default function VouchersPage() {
  return (
    <Frame title="Vouchers">
      <Batches />
    </Frame>
  );
}
