// Words whose colour is too near to what is behind them: below 4.5 to 1, or 3 to 1 where they are large (WCAG AA).
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((part, place) => part * a + under[place] * (1 - a));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => { const one = part / 255; return one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    const grounds = [];
    for (let at = one; at; at = at.parentElement) grounds.push(rgba(getComputedStyle(at).backgroundColor));
    const page = rgba(getComputedStyle(document.body).backgroundColor).slice(0, 3);
    return grounds.reverse().reduce((under, ground) => over(ground, under), page);
  };
  const found = new Set();
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode.textContent.trim(), one = words.currentNode.parentElement;
    if (!text || one.closest("svg, option, template, script, [aria-hidden=true], :disabled, .late") || !one.checkVisibility({opacityProperty: true})) continue;
    const style = getComputedStyle(one), size = parseFloat(style.fontSize);
    const ground = behind(one), ink = over(rgba(style.color), ground);
    const [dark, bright] = [light(ground), light(ink)].sort((a, b) => a - b);
    const ratio = (bright + 0.05) / (dark + 0.05);
    const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.add(`${ratio.toFixed(2)} ${one.tagName}.${one.className}: ${text.slice(0, 40)}`);
  }
  return [...found];
}
