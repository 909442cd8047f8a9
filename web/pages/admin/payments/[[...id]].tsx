import { useRouter } from "next/router";
import { Frame } from "../../../parts/admin/frame";
import { OnePayment } from "../../../parts/admin/payment";
import { Payments } from "../../../parts/admin/payments";

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
          <OnePayment key={id} id={id} />
        ))}
    </Frame>
  );
}
