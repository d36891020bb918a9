// What is wrong with where things stand in the page as it is: a list of sentences.
() => {
  const faults = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const style = (element) => getComputedStyle(element);
  const name = (element) =>
    `<${element.tagName.toLowerCase()}> “${(element.getAttribute("aria-label") || element.textContent || element.id).trim().replace(/\s+/g, " ").slice(0, 40)}”`;
  const up = function* (element) {
    for (let at = element; at; at = at.parentElement) yield at;
  };
  const hiddenVisually = (element) => [...up(element)].some((at) => style(at).clipPath === "inset(50%)");
  const floats = (element) => [...up(element)].find((at) => ["sticky", "fixed"].includes(style(at).position));

  // The page itself never scrolls sideways.
  const wide = document.scrollingElement.scrollWidth;
  if (wide > innerWidth) faults.push(`the page is ${wide} wide in a window of ${innerWidth}`);

  // Text stays in sight: inside the window, and inside whatever cuts off, but for an intended ellipsis.
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !shown(element) || hiddenVisually(element)) continue;
    if (element.closest("option, script, template")) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const box = range.getBoundingClientRect();
    const cutting = [...up(element)].filter((at) => style(at).overflowX !== "visible");
    if (cutting.some((at) => style(at).textOverflow === "ellipsis" || style(at).overflowX === "auto")) continue;
    const edges = [{ left: 0, right: innerWidth }, ...cutting.map((at) => at.getBoundingClientRect())];
    if (edges.some(({ left, right }) => box.left < left - 1 || box.right > right + 1))
      faults.push(`cut off: ${name(element)}`);
  }

  // What can be pressed: large enough, and nothing over it.
  const pressed = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const targets = [...document.querySelectorAll(pressed)].filter((one) => shown(one) && !hiddenVisually(one));
  const inSentence = (one) =>
    style(one).display === "inline" && one.parentElement.textContent.trim() !== one.textContent.trim();
  // A link or label whose ::after lies over a whole card is as large as the card.
  const area = (one) => (getComputedStyle(one, "::after").position === "absolute" ? one.offsetParent : one);
  for (const target of targets) {
    // A press on its label is a press on it.
    const boxes = [target, ...(target.labels ?? [])].map((one) => area(one).getBoundingClientRect());
    const width = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left));
    const height = Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top));
    if (!inSentence(target) && (width < 23.9 || height < 23.9))
      faults.push(`${name(target)} is ${width.toFixed(1)} by ${height.toFixed(1)}`);
  }
  const boxes = targets.map((target) => [target, floats(target), [...target.getClientRects()]]);
  boxes.forEach(([one, layer, mine], place) => {
    for (const [other, otherLayer, theirs] of boxes.slice(place + 1)) {
      if (layer !== otherLayer || one.contains(other)) continue;
      const meet = (a, b) =>
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
      if (mine.some((a) => theirs.some((b) => meet(a, b)))) faults.push(`${name(one)} and ${name(other)} overlap`);
    }
  });
  return faults;
}
