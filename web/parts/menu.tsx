/** Where to go: a new chat, chats there are, the other pages. */

import { useRouter } from "next/router";
import { WALLET } from "../lib/places";
import { useTexts, type Key } from "../lib/texts";
import { Conversations } from "./conversations";
import { Icon, type Drawing } from "./icon";
import { Link } from "./link";

/** Pages at the foot of the menu, in this order. */
const PAGES: { href: string; of: Drawing; name: Key }[] = [
  { href: "/essay", of: "essay", name: "menu.essay" },
  { href: WALLET, of: "wallet", name: "menu.wallet" },
  { href: "/account", of: "person", name: "menu.account" },
  { href: "/help", of: "help", name: "menu.help" },
];

export function Menu({ onClose }: { onClose?: () => void }) {
  const { t } = useTexts();
  const { asPath } = useRouter();
  const [here] = asPath.split(/[?#]/);
  return (
    <div className="menu">
      <div className="row apart">
        <Link className="brand" href="/">
          <img src="/icon.svg" alt="" width="28" height="28" /> ZimGPT
        </Link>
        {onClose && (
          <button className="icon-button" onClick={onClose} aria-label={t("shell.close")}>
            <Icon of="close" />
          </button>
        )}
      </div>
      <Link className="button plain" href="/chat" onClick={onClose}>
        <Icon of="plus" small /> {t("menu.new")}
      </Link>
      <Conversations />
      <div className="menu-foot">
        {PAGES.map(({ href, of, name }) => (
          <Link key={href} className="menu-link" href={href} aria-current={here === href ? "page" : undefined}>
            <Icon of={of} /> {t(name)}
          </Link>
        ))}
      </div>
    </div>
  );
}
