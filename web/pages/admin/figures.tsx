import { useRouter } from "next/router";
import { lazy, Suspense } from "react";
import { Frame } from "../../parts/admin/frame";

/** Charts come after the frame: the largest thing that operators load. */
const Dashboard = lazy(() => import("../../parts/admin/dashboard").then(({ Dashboard }) => ({ default: Dashboard })));

/** Questions, tokens, money and waiting, drawn. */
export default function Figures() {
  const { isReady } = useRouter();
  return (
    <Frame title="Figures">
      {isReady && (
        <Suspense fallback={<span className="bone" aria-hidden="true" />}>
          <Dashboard />
        </Suspense>
      )}
    </Frame>
  );
}
