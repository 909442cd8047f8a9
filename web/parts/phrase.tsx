/** A number proved from WhatsApp: a phrase to send, and a wait until it has come. */

import { useEffect, useState } from "react";
import { explained } from "../lib/errors";
import { api, entered } from "../lib/session";
import { useTexts, type Key } from "../lib/texts";
import type { Proof, ProofState, Purpose } from "../lib/zimgpt/index.js";
import { Note } from "./note";

/** Milliseconds between two questions for news when one has failed. */
const PAUSE = 3_000;

const NAMES: Record<Purpose, Key> = {
  sign_in: "enter.whatsapp",
  link: "account.whatsapp.link",
  password: "account.password.whatsapp",
};

const WHAT_TO_DO: Record<Purpose, Key> = {
  sign_in: "enter.whatsapp.body",
  link: "account.whatsapp.send",
  password: "enter.password.send",
};

interface Wanted {
  purpose: Purpose;
  /** What is to be done once it is proved; signing in happens by itself. */
  onProved?: (proof: Proof) => void;
}

export function Phrase({ purpose, onProved }: Wanted) {
  const texts = useTexts();
  const { t } = texts;
  const [proof, keep] = useState<Proof>();
  const [trouble, say] = useState("");
  const over = () => {
    keep(undefined);
    say(t("enter.whatsapp.over"));
  };
  const there = useWhatsApp();
  useNews(proof, over, (news) => {
    keep(undefined);
    if (news.state === "signed_in") void entered(news.csrf);
    else if (proof) onProved?.(proof);
  });
  const begin = () => {
    say("");
    api.prove(purpose).then(keep, (error: unknown) => say(explained(texts, error)));
  };
  if (!there) return null;
  if (proof === undefined) {
    return (
      <div className="stack close">
        {trouble && <Note tone="warn">{trouble}</Note>}
        <button className="button plain wide" onClick={begin}>
          {t(NAMES[purpose])}
        </button>
      </div>
    );
  }
  return (
    <div className="card">
      <p>{t(WHAT_TO_DO[purpose])}</p>
      <p className="phrase">{proof.phrase}</p>
      <a className="button wide" href={proof.link} target="_blank" rel="noopener noreferrer">
        {t("enter.whatsapp.open")}
      </a>
      <p className="soft" role="status">
        {t("enter.whatsapp.waiting")}
      </p>
      <p className="soft small-text">{t("enter.whatsapp.careful")}</p>
    </div>
  );
}

let known: boolean | undefined;

/** Whether numbers can be proved by WhatsApp here; asked once. */
export function useWhatsApp(): boolean {
  const [there, set] = useState(known ?? false);
  useEffect(() => {
    if (known !== undefined) return;
    api.about().then(
      ({ whatsapp }) => set((known = whatsapp)),
      () => undefined,
    );
  }, []);
  return there;
}

/** Asks again and again until the phrase has come or its time is over. */
function useNews(proof: Proof | undefined, over: () => void, come: (news: ProofState) => void) {
  const id = proof?.id;
  useEffect(() => {
    if (id === undefined) return;
    let gone = false;
    const ask = async () => {
      while (!gone) {
        const news = await api.proof(id).catch(() => undefined);
        if (gone) return;
        if (news === undefined) await new Promise((next) => setTimeout(next, PAUSE));
        else if (news.state === "over") return over();
        else if (news.state !== "waiting") return come(news);
      }
    };
    void ask();
    return () => void (gone = true);
    // The callbacks change with each drawing; the wait is for this proof alone.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [id]);
}
