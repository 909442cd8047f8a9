/** The frame of every page: bar, menu, main; and who may see it. */

import Head from "next/head";
import { useRouter } from "next/router";
import { useEffect, type ReactNode } from "react";
import { useSession } from "../lib/session";
import { useTexts } from "../lib/texts";
import { useDrawer } from "./drawer";
import { Icon } from "./icon";
import { Link } from "./link";
import { LinkMark } from "./link-mark";
import { Menu } from "./menu";
import { NoticeBar } from "./notice";
import { Purse } from "./purse";

export interface ShellProps {
  title: string;
  /** Pages that anybody may see; others lead to the door. */
  open?: boolean;
  /** Beside the title, at the end of the bar. */
  actions?: ReactNode;
  /** Pages that fill the whole frame themselves, as the chat does. */
  full?: boolean;
  children: ReactNode;
}

export function Shell({ title, open = false, actions, full = false, children }: ShellProps) {
  const { t } = useTexts();
  const { status } = useSession();
  const drawer = useDrawer();
  useDoor(open);
  return (
    <div className={status === "out" || (open && status === "new") ? "shell" : "shell inside"}>
      <Head>
        <title>{`${title} · ZimGPT`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
      </Head>
      <a className="skip button" href="#main">
        {t("shell.skip")}
      </a>
      <header className="top">
        {status === "in" && (
          <button className="icon-button opener" onClick={drawer.show} aria-label={t("shell.menu")}>
            <Icon of="menu" />
          </button>
        )}
        {status === "in" ? (
          <h1 className="title plain-title">{title}</h1>
        ) : (
          <Link className="brand title" href="/">
            <img src="/icon.svg" alt="" width="28" height="28" /> ZimGPT
          </Link>
        )}
        <LinkMark />
        {actions}
        {status === "in" ? <Purse /> : open && <Door />}
      </header>
      {status === "in" && (
        <>
          <nav className="side" aria-label={t("shell.menu")}>
            {drawer.wide && <Menu />}
          </nav>
          <dialog className="drawer" ref={drawer.ref} aria-label={t("shell.menu")} onClose={drawer.closed} onClick={drawer.clicked}>
            {drawer.drawn && <Menu onClose={drawer.hide} />}
          </dialog>
        </>
      )}
      <NoticeBar />
      <main id="main" className={full ? "main full" : "main"} tabIndex={-1}>
        {status !== "in" && <h1 className="unseen">{title}</h1>}
        {open || status === "in" ? children : <Bones />}
      </main>
    </div>
  );
}

/** To come in, for who is outside. */
function Door() {
  const { t } = useTexts();
  const { pathname } = useRouter();
  if (pathname === "/enter") return null;
  return (
    <Link className="button quiet" href="/enter">
      {t("enter.sign_in")}
    </Link>
  );
}

/** What is there while nothing is known yet: no words, no jumps. */
export function Bones() {
  return (
    <div className="page stack" aria-hidden="true">
      <span className="bone w60" />
      <span className="bone" />
      <span className="bone w80" />
    </div>
  );
}

/** Leads who is not signed in to the door, and back here after it. */
function useDoor(open: boolean): void {
  const { status } = useSession();
  const router = useRouter();
  useEffect(() => {
    if (open || status !== "out") return;
    void router.replace(`/enter?to=${encodeURIComponent(router.asPath)}`);
  }, [open, status, router]);
}
