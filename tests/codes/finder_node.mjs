// Answers {"text": ...} or {"tree": ...} lines with what the extension's finder finds. A tree is
// ["tag", {attributes}, [children]] with text as strings; a range of it is told by its text
// node's place in the tree's text, as the server counts.
import { createInterface } from "node:readline";
import { findInNodes, findInText } from "../../extension/finder.js";

/** A read-only stand-in for the few properties of a DOM node the finder asks for. */
function grow(branch, parent, places, at) {
  if (typeof branch === "string") {
    const node = { nodeType: 3, data: branch, parentNode: parent, firstChild: null, nextSibling: null };
    places.set(node, at.place);
    at.place += branch.length;
    return node;
  }
  const [localName, attributes, children] = branch;
  const node = {
    nodeType: 1,
    localName,
    parentNode: parent,
    firstChild: null,
    nextSibling: null,
    getAttribute: (name) => attributes[name] ?? null,
  };
  let before = null;
  for (const child of children) {
    const grown = grow(child, node, places, at);
    if (before) before.nextSibling = grown;
    else node.firstChild = grown;
    before = grown;
  }
  return node;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { text, tree, crosswalk = {} } = JSON.parse(line);
  if (text !== undefined) {
    console.log(JSON.stringify(findInText(text, { crosswalk })));
    continue;
  }
  const places = new Map();
  const root = grow(tree, null, places, { place: 0 });
  const found = findInNodes(root, { crosswalk }).map(({ ranges, ...rest }) => ({
    ...rest,
    spans: ranges.map(({ node, start, end }) => [places.get(node) + start, places.get(node) + end]),
  }));
  console.log(JSON.stringify(found));
}
