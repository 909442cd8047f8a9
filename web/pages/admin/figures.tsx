import { useRouter } from "next/router";
import { Dashboard } from "../../parts/admin/dashboard";
import { Frame } from "../../parts/admin/frame";

/** Questions, tokens, money and waiting, drawn. */
export default function Figures() {
  const { isReady } = useRouter();
  return <Frame title="Figures">{isReady && <Dashboard />}</Frame>;
}
