/** An essay, or its outline, while it is written: how far it is, and what is there. */

import { progress } from "../lib/essay";
import { connection, useClient } from "../lib/session";
import { useTexts } from "../lib/texts";
import type { Answer, Brief } from "../lib/zimgpt/index.js";
import { Icon } from "./icon";
import { Markdown } from "./markdown";

interface GrowingProps {
  topic: string;
  live: Answer | undefined;
  text: string;
  brief: Brief | undefined;
}

export function EssayGrowing({ topic, live, text, brief }: GrowingProps) {
  const { t } = useTexts();
  const away = useClient()?.link !== "open";
  const { words, section } = progress(text);
  const whole = brief?.step === "outline" ? 0 : (brief?.words ?? 0);
  return (
    <>
      <section className="card growing">
        <div className="row apart">
          <p className="progress" role="status">
            <span className="dots" aria-hidden="true" />
            {live?.state === "waiting"
              ? t(away ? "chat.unsent" : "chat.sending")
              : live?.stopped
                ? t("chat.stopping")
                : brief?.step === "outline"
                  ? t("essay.outline.making")
                  : section || t("chat.thinking")}
          </p>
          {live && live.state === "writing" && (
            <button className="button plain" aria-disabled={live.stopped} onClick={() => connection().stop(live.key)}>
              <Icon of="stop" small /> {t("chat.stop")}
            </button>
          )}
        </div>
        {whole > 0 && (
          <>
            <progress max={whole} value={Math.min(words, whole)} aria-label={t("essay.progress")} />
            <p className="small-text figure" data-words={words}>
              {t("essay.so_far", { words, whole })}
            </p>
          </>
        )}
        <p className="soft small-text">
          {live?.hold !== undefined && t("chat.most", { tokens: live.hold })} {t("essay.leave")}
        </p>
      </section>
      <article className="paper" lang={brief?.language}>
        <h2 className="paper-title">{topic}</h2>
        <h3 className="unseen">{t("menu.essay")}</h3>
        {text && <Markdown text={text} />}
      </article>
    </>
  );
}
