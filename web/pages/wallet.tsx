import { useRouter } from "next/router";
import { useTexts } from "../lib/texts";
import { Balance } from "../parts/balance";
import { Buy } from "../parts/buy";
import { Later } from "../parts/later";
import { Payments } from "../parts/payments";
import { Shell } from "../parts/shell";
import { Statement } from "../parts/statement";
import { Voucher } from "../parts/voucher";

/** What there is to spend, how to get more, and where it went. */
export default function Wallet() {
  const { t } = useTexts();
  const { isReady } = useRouter();
  return (
    <Shell title={t("menu.wallet")}>
      <div className="page stack">
        <Balance />
        {isReady && <Buy />}
        <Later>
          <Voucher />
          <Payments />
          <Statement />
        </Later>
      </div>
    </Shell>
  );
}
