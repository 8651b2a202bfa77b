// Write the day, the times and the fingerprint of every picture alike, so that a picture changes only when the page does.
([year, month, day]) => {
  const named = (at, how) => at.toLocaleDateString("en-US", how);
  const spellings = (at) => [
    `${at.getDate()} ${named(at, {month: "long"})} ${at.getFullYear()}`,
    named(at, {weekday: "long", month: "long", day: "numeric"}),
    named(at, {month: "long", day: "numeric", year: "numeric"}),
    `${at.getDate()} ${named(at, {month: "short"})}`,
  ];
  const today = new Date(year, month - 1, day), end = new Date(year, month - 1, 0);
  const swaps = [];
  const alike = (from, to) => spellings(from).forEach((old, place) => swaps.push([old, spellings(to)[place]]));
  alike(today, new Date(2026, 10, 2));
  alike(end, new Date(2026, 9, 31));
  swaps.push([`AR ${named(end, {month: "long"})}`, "AR October"]);
  const still = (text) => {
    for (const [old, put] of swaps) text = text.replaceAll(old, put);
    return text.replace(/\b\d{1,2}:\d\d(?= [AP]M)/g, "9:41").replace(/\b[0-9a-f]{4}-[0-9a-f]{4}\b/g, "7f3a-91c2");
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const now = still(words.currentNode.textContent);
    if (now !== words.currentNode.textContent) words.currentNode.textContent = now;
  }
  for (const one of document.querySelectorAll("input[type=date]")) one.value = "2026-11-02";
}
