// What reaches over the right edge of the page, other than within a table that scrolls by itself.
() => {
  const edge = document.documentElement.clientWidth;
  const over = [];
  if (document.documentElement.scrollWidth > edge) over.push(`the page is ${document.documentElement.scrollWidth} wide, not ${edge}`);
  for (const one of document.body.querySelectorAll("*")) {
    const box = one.getBoundingClientRect();
    if (!box.width || !box.height || one.closest(".table-scroll, .skip, .clio-unseen, pre, svg")) continue;
    if (box.right > edge + 1) over.push(`${one.tagName} ${one.className} reaches ${Math.round(box.right)} of ${edge}: ${one.textContent.trim().slice(0, 40)}`);
    const style = getComputedStyle(one);
    if (one.clientWidth && one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll", "hidden"].includes(style.overflowX)
        && style.textOverflow !== "ellipsis" && one.tagName !== "INPUT" && one.tagName !== "SELECT") {
      over.push(`${one.tagName} ${one.className} holds ${one.scrollWidth} in ${one.clientWidth}: ${one.textContent.trim().slice(0, 40)}`);
    }
  }
  return over.slice(0, 12);
}
