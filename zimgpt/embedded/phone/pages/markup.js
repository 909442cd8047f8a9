// The messenger's own marks: *bold* _italic_ ~strike~ `code` ```block``` lists > quote.
// Everything becomes nodes, never markup, so that no text can be more than text.

const INLINE = [
  [/`([^`\n]+)`/, "code"],
  [/(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]*[^\s*])\*(?![\p{L}\p{N}*])/u, "strong"],
  [/(?<![\p{L}\p{N}_])_(?=\S)([^_\n]*[^\s_])_(?![\p{L}\p{N}_])/u, "em"],
  [/(?<![\p{L}\p{N}~])~(?=\S)([^~\n]*[^\s~])~(?![\p{L}\p{N}~])/u, "s"],
];

export function make(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function inline(text) {
  let first = null;
  for (const [pattern, name] of INLINE) {
    const found = pattern.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { found, name };
  }
  if (!first) return text ? [text] : [];
  const { found, name } = first;
  const inner = name === "code" ? [found[1]] : inline(found[1]);
  return [
    ...(found.index ? [text.slice(0, found.index)] : []),
    make(name, {}, ...inner),
    ...inline(text.slice(found.index + found[0].length)),
  ];
}

const LINES = [
  [/^[*-] (.*)$/, "ul", "li"],
  [/^\d{1,2}\. (.*)$/, "ol", "li"],
  [/^> ?(.*)$/, "blockquote", "div"],
];

function lines(text) {
  const blocks = [];
  for (const line of text.split("\n")) {
    const kind = LINES.find(([pattern]) => pattern.test(line));
    const last = blocks.at(-1);
    if (kind) {
      const [pattern, outer, inner] = kind;
      const item = make(inner, {}, ...inline(pattern.exec(line)[1]));
      if (last?.localName === outer) last.append(item);
      else {
        const block = make(outer, {}, item);
        if (outer === "ol") block.start = parseInt(line, 10);
        blocks.push(block);
      }
    } else if (last?.localName === "p") last.append("\n", ...inline(line));
    else blocks.push(make("p", {}, ...inline(line)));
  }
  return blocks;
}

export function unmarked(text) {
  return make("p", {}, ...marked(text)).textContent;
}

export function marked(text) {
  return text.split("```").flatMap((part, i, all) => {
    if (i % 2 && i < all.length - 1) return [make("pre", {}, part.replace(/^\n|\n$/g, ""))];
    const plain = i % 2 ? "```" + part : part;
    const trimmed = (i ? plain.replace(/^\n/, "") : plain).replace(i < all.length - 1 ? /\n$/ : /$^/, "");
    return trimmed || all.length === 1 ? lines(trimmed) : [];
  });
}
