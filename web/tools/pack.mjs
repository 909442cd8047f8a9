// Packs what Next has exported for the server: brotli and gzip beside each file, and
// the service worker told which files there are.
//   node tools/pack.mjs FROM TO VERSION
import { appendFileSync, cpSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [from, to, version] = process.argv.slice(2);
const TEXT = /\.(?:html|js|mjs|css|json|svg|txt|webmanifest)$/;
const SMALLEST = 256; // bytes; packing less saves nothing

const files = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

rmSync(to, { recursive: true, force: true });
cpSync(from, to, { recursive: true });

// Old browsers get scripts of their own from Next; the app needs newer ones anyway. And its
// two lists of pages come as one: a request less for whoever waits 400 ms for each. What is
// to be loaded ahead stands a line further down anyway.
for (const path of files(to)) {
  if (/polyfills-\w+\.js$/.test(path)) rmSync(path);
  if (!path.endsWith("_ssgManifest.js")) continue;
  appendFileSync(path.replace("_ssg", "_build"), `;${readFileSync(path, "utf8")}`);
  rmSync(path);
}
for (const path of files(to).filter((one) => one.endsWith(".html"))) {
  const page = readFileSync(path, "utf8");
  const less = /<script[^>]*(?:noModule|_ssgManifest)[^>]*><\/script>|<link rel="preload"[^>]*>/gi;
  writeFileSync(path, page.replace(less, ""));
}

const served = files(to).map((path) => "/" + relative(to, path).split(sep).join("/"));
const worker = join(to, "sw.js");
const pages = served.filter((name) => /^\/(?!404\.html$|admin[/.]).*\.html$/.test(name));
writeFileSync(
  worker,
  readFileSync(worker, "utf8")
    .replace('"VERSION"', JSON.stringify(version))
    .replace('["PAGES"]', JSON.stringify(pages.sort())),
);

for (const path of files(to).filter((one) => TEXT.test(one))) {
  const content = readFileSync(path);
  if (content.length < SMALLEST) continue;
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params: quality }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}
