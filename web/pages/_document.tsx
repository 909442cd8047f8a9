import { Head, Html, Main, NextScript } from "next/document";

/**
 * Run before anything is shown: whoever reads another language than English is not
 * shown English first. The server allows it by its hash (Content-Security-Policy).
 */
const LANGUAGE = `(function(d,l){try{l=localStorage.getItem("zimgpt-language")}catch(e){}
l=l||navigator.language.slice(0,2);if(l==="sn"||l==="nd"){d.lang=l;d.className="waiting"}
})(document.documentElement)`;

export default function Document() {
  return (
    <Html lang="en">
      <Head>
        <script dangerouslySetInnerHTML={{ __html: LANGUAGE }} />
        <link rel="manifest" href="/manifest.webmanifest" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="apple-touch-icon" href="/icon-192.png" />
        <meta name="theme-color" content="#faf8f3" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#15140f" media="(prefers-color-scheme: dark)" />
      </Head>
      <body>
        <Main />
        <NextScript />
      </body>
    </Html>
  );
}
