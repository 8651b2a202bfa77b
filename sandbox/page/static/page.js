// What neither HTML nor htmx does by itself: dialogs that ask first, dropped files, a list that follows its end,
// hints for commands, lists to search in, and keys. No text from the server is ever taken for HTML here.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Lists that stay at their end while the reader is there.
const following = new WeakMap();
function atEnd(list) { return list.scrollHeight - list.scrollTop - list.clientHeight < 40; }
function followAll() {
  for (const list of all("[data-follow]")) if (following.get(list) !== false) list.scrollTop = list.scrollHeight;
}
document.addEventListener("scroll", (event) => {
  if (event.target instanceof Element && event.target.matches("[data-follow]")) following.set(event.target, atEnd(event.target));
}, true);

// Modals: one dialog, whose inside the server draws.
let view = null, scrolled = 0;
const closed = new Set();  // forms that a person has closed: news that was under way does not open them again
document.addEventListener("click", (event) => {
  if (event.target.closest("#modal [hx-post='/slack/close']")) closed.add($("#modal form.form").dataset.view);
}, true);
function showModal() {
  const modal = $("#modal");
  if (!modal) return;
  const form = $("form.form:not([hidden])", modal);
  if (form && closed.has(form.dataset.view)) { form.hidden = true; if (modal.open) modal.close(); return; }
  if (form && !modal.open) modal.showModal();
  if (!form && modal.open) { modal.close(); }
  if (form) {
    const isNew = form.dataset.view !== view;
    $(".form-blocks", form).scrollTop = isNew ? 0 : scrolled;
    const wrong = $(".has-error input, .has-error textarea, .has-error select", form);
    if (wrong) wrong.focus();
    else if (isNew) ($("[autofocus]", form) || $(".field input:not([type=hidden]), .field textarea, .field select", form) || $(".form-blocks input:not([type=hidden]), .form-blocks select, .form-blocks button", form) || $("footer .btn", form)).focus();
    view = form.dataset.view;
  } else view = null;
  const toasts = $("#toasts");
  if (toasts.children.length) raise(toasts);
}
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const blocks = event.target.id === "modal" && $(".form-blocks", event.target);
  if (blocks) scrolled = blocks.scrollTop;
});
document.addEventListener("cancel", (event) => {
  if (event.target.id !== "modal") return;
  event.preventDefault();
  const list = $("#modal [role=combobox][aria-expanded=true]");
  if (list) closeCombo(list); else $("#modal-x").click();
}, true);

// What is asked before an act: a dialog copied from the template beside the button.
function ask(source) {
  const dialog = $("#confirm");
  dialog.replaceChildren($("#" + CSS.escape(source.dataset.confirm)).content.cloneNode(true));
  for (const copy of all("[data-from]", dialog)) copy.value = source.value;
  dialog.asking = source.id;
  htmx.process(dialog);
  dialog.showModal();
  $("[data-yes]", dialog).focus();
}
document.addEventListener("close", (event) => {
  if (event.target.id !== "confirm") return;
  const source = document.getElementById(event.target.asking);
  if (source && "was" in source.dataset && event.target.returnValue !== "yes") source.value = source.dataset.was;
  if (source) source.focus();
  event.target.returnValue = "";
}, true);

// Toasts stand above dialogs.
function raise(toasts) { if (toasts.matches(":popover-open")) toasts.hidePopover(); toasts.showPopover(); }
function say(words) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = words;
  $("#toasts").append(toast);
  raise($("#toasts"));
}
new MutationObserver((changes) => {
  for (const change of changes) for (const toast of change.addedNodes) {
    if (toast.nodeType !== 1) continue;
    raise($("#toasts"));
    setTimeout(() => toast.remove(), 9000);
  }
}).observe($("#toasts"), {childList: true});

// Files dragged over the window or one of its parts.
let over = 0;
const hasFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
document.addEventListener("dragenter", (event) => { if (hasFiles(event)) { over++; document.body.classList.add("dragging"); } });
document.addEventListener("dragleave", (event) => { if (hasFiles(event) && --over <= 0) document.body.classList.remove("dragging"); });
document.addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  over = 0;
  document.body.classList.remove("dragging");
  const part = event.target.closest(".thread, .channel") || $(".channel");
  const input = $("[data-upload] input[type=file]", part) || $("[data-upload] input[type=file]");
  if (!input) return;
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", {bubbles: true}));
});

// Ways to go on with a command, while it is typed.
function hintsOf(field) { return document.getElementById(field.getAttribute("aria-controls")); }
function showHints(field) {
  const list = hintsOf(field), typed = field.value.toLowerCase();
  let any = false;
  for (const hint of list.children) {
    const fill = hint.dataset.fill;
    hint.hidden = !(typed.startsWith("/") && (fill.startsWith(typed) || typed.startsWith(fill.trimEnd() + " ")));
    hint.setAttribute("aria-selected", "false");
    any ||= !hint.hidden;
  }
  list.hidden = !any;
}
function moveIn(list, step) {
  const shown = [...list.children].filter((one) => !one.hidden && one.getAttribute("role") === "option");
  const at = shown.findIndex((one) => one.getAttribute("aria-selected") === "true");
  for (const one of shown) one.setAttribute("aria-selected", "false");
  if (!shown.length) return null;
  const next = shown[(at + step + shown.length + (at < 0 && step < 0 ? 1 : 0)) % shown.length];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({block: "nearest"});
  return next;
}
const chosenIn = (list) => list && !list.hidden && $("[aria-selected=true]:not([hidden])", list);
function takeHint(field, hint) {
  field.value = hint.dataset.fill;
  field.focus();
  showHints(field);
}
function grow(field) { field.rows = Math.min(8, field.value.split("\n").length); }
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-composer] textarea")) { grow(event.target); showHints(event.target); }
});

// Lists that the bot fills while one types.
const listOf = (combo) => document.getElementById(combo.getAttribute("aria-controls"));
function closeCombo(combo) {
  listOf(combo).hidden = true;
  combo.setAttribute("aria-expanded", "false");
  combo.removeAttribute("aria-activedescendant");
}
document.addEventListener("focusin", (event) => {
  if (!event.target.matches("[role=combobox]")) return;
  event.target.value = "";
  htmx.trigger(event.target, "look");
});
document.addEventListener("focusout", (event) => {
  if (!event.target.matches("[role=combobox]")) return;
  event.target.value = event.target.dataset.chosen || "";
  closeCombo(event.target);
});
document.addEventListener("mousedown", (event) => { if (event.target.closest("[role=listbox]")) event.preventDefault(); });

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (field.matches("[role=combobox]")) {
    const list = listOf(field);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = moveIn(list, event.key === "ArrowDown" ? 1 : -1);
      if (next) field.setAttribute("aria-activedescendant", next.id);
    } else if (event.key === "Enter") {
      event.preventDefault();
      (chosenIn(list) || $("[role=option]", list))?.click();
    }
  } else if (field.matches("[data-composer] textarea")) {
    const list = hintsOf(field);
    if (!list.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const next = moveIn(list, event.key === "ArrowDown" ? 1 : -1);
      if (next) field.setAttribute("aria-activedescendant", next.id);
    } else if (event.key === "Tab" && !event.shiftKey && !list.hidden && (chosenIn(list) || field.value.length < 10)) {
      event.preventDefault();
      takeHint(field, chosenIn(list) || $("[role=option]:not([hidden])", list));
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      const hint = chosenIn(list);
      if (hint) takeHint(field, hint); else field.form.requestSubmit();
    } else if (event.key === "Escape" && !list.hidden) list.hidden = true;
  } else if (event.key === "Escape") {
    const menu = $("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); return; }
    if (!$("dialog[open]")) $("#close-thread")?.click();
  } else if (event.key === "Enter" && field.matches("#modal input[type=text], #modal input[type=date]")) {
    event.preventDefault();  // Slack's own: Enter in a field sends no form, Ctrl+Enter does
    if (event.ctrlKey || event.metaKey) field.form.requestSubmit();
  }
});

document.addEventListener("click", (event) => {
  const target = event.target;
  const asks = target.closest("button[data-confirm]");
  if (asks) ask(asks);
  if (target.closest("[data-cancel]")) target.closest("dialog").close();
  if (target.closest("[data-dismiss]")) target.closest(".toast").remove();
  const browse = target.closest("[data-browse]");
  if (browse) document.getElementById(browse.dataset.browse).click();
  for (const menu of all("details.menu[open]")) if (!menu.contains(target) || target.closest(".menu-list button")) menu.open = false;
  const hint = target.closest("[data-fill]");
  if (hint) takeHint($("textarea", hint.closest("[data-composer]")), hint);
  const clio = target.closest("a[data-clio]");
  if (clio) { event.preventDefault(); showInClio(clio.dataset.clio); }
  const tab = target.closest("[data-window]");
  if (tab) showWindow(tab.dataset.window);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-confirm], select[data-confirm]")) ask(event.target);
});

// Which of the two windows are shown: beside each other where there is room, else one.
const narrow = matchMedia("(max-width: 760px)");
function showWindow(name) {
  for (const button of all("[data-window]")) {
    const own = button.dataset.window === name;
    const pressed = narrow.matches ? own : own ? button.getAttribute("aria-pressed") !== "true" : button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(pressed));
  }
  const shown = all("[data-window][aria-pressed=true]").map((one) => one.dataset.window);
  document.body.dataset.shown = shown.length === 1 ? shown[0] : shown.length ? "both" : name;
  if (!shown.length) $(`[data-window=${name}]`).setAttribute("aria-pressed", "true");
}

// A link to the pretend Clio leads to its window: there is no other page of it.
function showInClio(matter) {
  if (getComputedStyle($("#clio")).display === "none") showWindow("clio");
  const field = $("#clio-wanted");
  field.value = matter;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  field.focus();
  field.scrollIntoView({block: "center"});
}
narrow.addEventListener("change", () => {
  for (const button of all("[data-window]")) button.setAttribute("aria-pressed", "true");
  delete document.body.dataset.shown;
  if (narrow.matches) showWindow("slack");
});
if (narrow.matches) showWindow("slack");

document.addEventListener("htmx:afterRequest", (event) => {
  const source = event.detail.elt;
  if (source.matches("[data-yes]")) $("#confirm").close("yes");
  if (source.matches("form.write") && event.detail.successful) {
    const field = $("textarea", source);
    field.value = "";
    grow(field);
    showHints(field);
    for (const list of all("[data-follow]")) following.set(list, true);
  }
  if (source.matches("[data-upload]")) $("input[type=file]", source).value = "";
  if (source.matches("[role=option]") && event.detail.successful) {
    const combo = $("[role=combobox]", source.closest("[data-combo]"));
    combo.dataset.chosen = combo.value = source.dataset.label;
    closeCombo(combo);
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.matches("[role=listbox]")) {
    const combo = $("[role=combobox]", event.target.parentElement);
    if (document.activeElement !== combo) return;
    event.target.hidden = false;
    combo.setAttribute("aria-expanded", "true");
  }
});
let lost = false;
document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  say(answer.status === 403 || answer.status === 413 ? answer.responseText.slice(0, 200) : `The sandbox answered ${answer.status}.`);
});
document.addEventListener("htmx:sendError", () => {
  if (!lost) say("The sandbox is not running. Start it again, then load this page again.");
  lost = true;
});
// What another place of the window was still told of does not belong to the one that is drawn now.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id !== "news") return;
  event.target.addEventListener("htmx:beforeSwap", (swap) => { if (!swap.target.isConnected) swap.detail.shouldSwap = false; }, {once: true});
});
// What a person opened stays open when it is drawn again.
const opened = new Map();
document.addEventListener("toggle", (event) => { if (event.target.matches("[data-keep]")) opened.set(event.target.id, event.target.open); }, true);
function keepOpen() { for (const one of all("[data-keep]")) one.open = opened.get(one.id) ?? one.open; }
document.addEventListener("htmx:afterSettle", () => { keepOpen(); showModal(); followAll(); });
document.addEventListener("htmx:afterOnLoad", () => { lost = false; queueMicrotask(() => { showModal(); followAll(); }); });
showModal();
followAll();
