import { useRouter } from "next/router";
import { titleOf, useConversations } from "../../lib/conversations";
import { useSession } from "../../lib/session";
import { useTexts } from "../../lib/texts";
import { EssayOrderForm } from "../../parts/essay-order";
import { EssayPage } from "../../parts/essay-page";
import { Shell } from "../../parts/shell";

/** An essay: ordered here, or under its own address written and read. */
export default function Essay() {
  const { t } = useTexts();
  const { status } = useSession();
  const { isReady, query } = useRouter();
  useConversations();
  const [id] = Array.isArray(query.id) ? query.id : [query.id];
  const title = titleOf(id) ?? t(id === undefined ? "essay.new" : "menu.essay");
  return (
    <Shell title={title}>
      <div className="page stack essay">
        {isReady && status === "in" && (id === undefined ? <EssayOrderForm /> : <EssayPage key={id} id={id} />)}
      </div>
    </Shell>
  );
}
