import { Head, Html, Main, NextScript } from "next/document";

/**
 * Run before anything else; the server allows it by its hash (Content-Security-Policy).
 *
 * Whoever reads another language than English is not shown English first. And since
 * Next.js hands addresses of scripts to the browser as plain text, the one policy for
 * them (Trusted Types) is here: our own files, nothing else.
 */
const EARLY = `(function(d,t,l){try{l=localStorage.getItem("zimgpt-language")}catch(e){}
l=l||navigator.language.slice(0,2);if(l==="sn"||l==="nd"){d.lang=l;d.className="waiting"}
if(t)t.createPolicy("default",{createScriptURL:function(a){var u=new URL(a,location.href);
return u.origin===location.origin&&/^\\/(?:_next\\/static\\/|sw\\.js$)/.test(u.pathname)?a:null}})
})(document.documentElement,self.trustedTypes)`;

export default function Document() {
  return (
    <Html lang="en">
      <Head>
        <script dangerouslySetInnerHTML={{ __html: EARLY }} />
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
