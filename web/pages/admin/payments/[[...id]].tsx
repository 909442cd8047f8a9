import { useRouter } from "next/router";
import { lazy, Suspense } from "react";
import { Frame } from "../../../parts/admin/frame";
import { Payments } from "../../../parts/admin/payments";

/** Whoever looks at the list need not load the evidence. */
const OnePayment = lazy(() => import("../../../parts/admin/payment").then(({ OnePayment }) => ({ default: OnePayment })));

/** Payments that need a person, all of them, or the evidence of one. */
export default function PaymentsPage() {
  const { isReady, query } = useRouter();
  const id = Array.isArray(query.id) ? query.id[0] : undefined;
  const [state, currency, phone] = [query.state, query.currency, query.phone].map((one) => (typeof one === "string" ? one : ""));
  return (
    <Frame title={id === undefined ? "Payments" : `Payment ${id}`}>
      {isReady &&
        (id === undefined ? (
          <Payments looked={{ state: state ?? "", currency: currency ?? "", phone: phone ?? "" }} />
        ) : (
          <Suspense fallback={<span className="bone" aria-hidden="true" />}>
            <OnePayment key={id} id={id} />
          </Suspense>
        ))}
    </Frame>
  );
}
