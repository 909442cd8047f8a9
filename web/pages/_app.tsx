import type { AppProps } from "next/app";
import { useEffect } from "react";
import { watchFetches } from "../lib/meter";
import { keepApp } from "../lib/keeping";
import { begin } from "../lib/session";
import { TextsProvider } from "../lib/texts";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/parts.css";
import "../styles/shell.css";
import "../styles/talks.css";
import "../styles/welcome.css";
import "../styles/enter.css";
import "../styles/chat.css";
import "../styles/wallet.css";
import "../styles/essay.css";
import "../styles/print.css";

export default function App({ Component, pageProps, router }: AppProps) {
  const operators = router.pathname.startsWith("/admin");
  useEffect(() => {
    if (operators) return undefined; // who have a session of their own, and keep nothing
    begin();
    watchFetches();
    // After everything else: what it keeps has been loaded by then.
    const later = setTimeout(keepApp, 3_000);
    return () => clearTimeout(later);
  }, [operators]);
  return (
    <TextsProvider>
      <Component {...pageProps} />
    </TextsProvider>
  );
}
