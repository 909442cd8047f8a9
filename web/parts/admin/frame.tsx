/** The frame of every admin page: bar, menu, main; and the door for who is outside. */

import Head from "next/head";
import { useRouter } from "next/router";
import { useEffect, useState, type ReactNode } from "react";
import { lookWhoIsHere, signOut, told, useDoor } from "../../lib/admin/session";
import { useDrawer } from "../drawer";
import { Icon } from "../icon";
import { Link } from "../link";
import { Note } from "../note";
import { AdminIcon } from "./drawing";
import { PAGES } from "./pages";
import { SignIn } from "./sign-in";

export interface FrameProps {
  title: string;
  /** Beside the title, at the end of the bar. */
  actions?: ReactNode;
  children: ReactNode;
}

export function Frame({ title, actions, children }: FrameProps) {
  const { status, name } = useDoor();
  const drawer = useDrawer();
  const [trouble, say] = useState("");
  useEffect(() => {
    lookWhoIsHere().catch((error: unknown) => say(told(error)));
  }, []);
  const inside = status === "in";
  return (
    <div className={inside ? "shell inside admin" : "shell admin"}>
      <Head>
        <title>{`${title} · ZimGPT admin`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <link rel="stylesheet" href="/admin.css" />
      </Head>
      <a className="skip button" href="#main">
        Skip to the content
      </a>
      <header className="top">
        {inside && (
          <button className="icon-button opener" onClick={drawer.show} aria-label="Menu">
            <Icon of="menu" />
          </button>
        )}
        <h1 className="title plain-title">{inside ? title : "ZimGPT admin"}</h1>
        {inside && actions}
      </header>
      {inside && (
        <>
          <nav className="side" aria-label="Menu">
            {drawer.wide && <Menu name={name ?? ""} />}
          </nav>
          <dialog className="drawer" ref={drawer.ref} aria-label="Menu" onClose={drawer.closed} onClick={drawer.clicked}>
            {drawer.drawn && <Menu name={name ?? ""} onClose={drawer.hide} />}
          </dialog>
        </>
      )}
      <main id="main" className="main" tabIndex={-1}>
        {inside && <div className="page stack far">{children}</div>}
        {(status === "out" || status === "code") && <SignIn />}
        {status === "new" && !trouble && <span className="bone" aria-hidden="true" />}
        {status === "new" && trouble && <Note tone="bad">{trouble}</Note>}
      </main>
    </div>
  );
}

function Menu({ name, onClose }: { name: string; onClose?: () => void }) {
  const { pathname } = useRouter();
  const [trouble, say] = useState("");
  const here = pathname.replace(/\/\[\[.*/, "");
  return (
    <div className="menu">
      <div className="row apart">
        <Link className="brand" href="/admin" onClick={onClose}>
          <img src="/icon.svg" alt="" width="28" height="28" /> ZimGPT <span className="badge">admin</span>
        </Link>
        {onClose && (
          <button className="icon-button" onClick={onClose} aria-label="Close">
            <Icon of="close" />
          </button>
        )}
      </div>
      <div className="scroll">
        {PAGES.map((page) => (
          <Link key={page.href} className="menu-link" href={page.href} onClick={onClose} aria-current={here === page.href ? "page" : undefined}>
            <AdminIcon of={page.of} /> {page.name}
          </Link>
        ))}
      </div>
      <div className="menu-foot">
        <p className="menu-name">
          <Icon of="person" small /> <strong>{name}</strong>
        </p>
        {trouble && <Note tone="bad">{trouble}</Note>}
        <button className="button plain" onClick={() => void signOut().catch((error: unknown) => say(told(error)))}>
          Sign out
        </button>
      </div>
    </div>
  );
}
