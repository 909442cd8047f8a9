/**
 * What people read, in their own language: one flat catalogue per language.
 *
 * English comes with the app; the others are loaded when they are chosen. Until then
 * pages/_document.tsx keeps the page hidden, so that nobody sees two languages.
 */

import { createContext, useContext, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import en from "../texts/en.json";

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
export type Values = Record<string, string | number>;
export type Language = "en" | "sn" | "nd";

/** Each language as its own speakers call it. */
export const LANGUAGES: Record<Language, string> = {
  en: "English",
  sn: "chiShona",
  nd: "isiNdebele",
};

/** The name under which the choice is kept; pages/_document.tsx reads it too. */
export const CHOSEN = "zimgpt-language";

const LOADED: Record<Language, () => Promise<Catalogue>> = {
  en: () => Promise.resolve(en),
  sn: () => import("../texts/sn.json").then((texts) => texts.default),
  nd: () => import("../texts/nd.json").then((texts) => texts.default),
};

/**
 * What was tapped before this script had come is a choice: React would take it back, for
 * the page comes with English chosen.
 */
function heed(tapped: string | undefined): void {
  if (tapped !== "sn" && tapped !== "nd") return;
  localStorage.setItem(CHOSEN, tapped);
  document.documentElement.lang = tapped;
}
if (typeof document !== "undefined")
  heed(document.querySelector<HTMLInputElement>("[name=language]:checked")?.value);

export interface Texts {
  language: Language;
  /** The text of a key; numbers get their thousands marked. */
  t(key: Key, values?: Values): string;
  choose(language: Language): void;
}

const Context = createContext<Texts>(texts("en", en, () => undefined));

/** The reader's language: `const { t } = useTexts()`. */
export function useTexts(): Texts {
  return useContext(Context);
}

/** A whole number as it is read: `12,500`. */
export function count(number: number): string {
  return number.toLocaleString("en");
}

function texts(language: Language, catalogue: Catalogue, choose: Texts["choose"]): Texts {
  const t = (key: Key, values: Values = {}) =>
    (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return typeof value === "number" ? count(value) : (value ?? whole);
    });
  return { language, t, choose };
}

export function TextsProvider({ children }: { children: ReactNode }) {
  const [shown, show] = useState<{ language: Language; catalogue: Catalogue }>({
    language: "en",
    catalogue: en,
  });
  const value = useMemo(() => {
    const choose = (language: Language) => {
      localStorage.setItem(CHOSEN, language);
      void load(language, show);
    };
    return texts(shown.language, shown.catalogue, choose);
  }, [shown]);
  useEffect(() => void load(document.documentElement.lang as Language, show), []);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

/** Shows a language when its texts are there; without them the one before stays. */
async function load(
  language: Language,
  show: (shown: { language: Language; catalogue: Catalogue }) => void,
): Promise<void> {
  const page = document.documentElement;
  try {
    const catalogue = await LOADED[language]();
    page.lang = language;
    show({ language, catalogue });
  } catch {
    page.lang = "en";
  } finally {
    page.classList.remove("waiting");
  }
}
