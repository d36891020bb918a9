// What htmx and HTML leave open: dialogs, notices, focus, copying, busy buttons, ⌘K, shortcuts.
// Every screen works without this file.
(() => {
  "use strict";

  const html = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const dialog = byId("dialog");
  const notices = byId("notices");
  const announcer = byId("announcer");

  // ---- Saying things to screen readers

  const openBox = () => document.querySelector("dialog[open]");

  // Behind a modal dialog nothing is heard
  function announce(text) {
    (openBox() || document.body).append(announcer);
    announcer.textContent = "";
    setTimeout(() => {
      announcer.textContent = text;
    }, 60);
  }

  // ---- Notices

  function startNotice(notice) {
    const words = notice.querySelector("[data-text]")?.parentElement.textContent;
    if (words) announce(words.trim().replace(/\s+/g, " "));
    let left = 1000 * (notice.dataset.seconds ?? 0);
    if (!left) return;
    let since = 0;
    let timer = 0;
    const run = () => {
      clearTimeout(timer);
      since = Date.now();
      timer = setTimeout(() => dropNotice(notice), left);
    };
    const pause = () => {
      clearTimeout(timer);
      left = Math.max(1500, left - (Date.now() - since));
    };
    const resume = () => {
      if (!notice.matches(":hover, :focus-within")) run();
    };
    notice.addEventListener("pointerenter", pause);
    notice.addEventListener("focusin", pause);
    notice.addEventListener("pointerleave", resume);
    notice.addEventListener("focusout", () => setTimeout(resume));
    run();
  }

  function dropNotice(notice) {
    const hadFocus = notice.contains(document.activeElement);
    notice.remove();
    if (hadFocus) byId("main")?.focus({ preventScroll: true });
  }

  function startNotices() {
    for (const notice of notices.querySelectorAll("[data-notice]:not([data-started])")) {
      notice.dataset.started = "";
      startNotice(notice);
    }
    // The newest is what matters; errors stay until they are dismissed
    const passing = notices.querySelectorAll("[data-seconds]");
    for (let i = 0; i < passing.length - 3; i += 1) passing[i].remove();
  }

  function say(kind) {
    const id = `notice-${kind}`;
    byId(id)?.remove();
    const notice = byId("notice-template").content.firstElementChild.cloneNode(true);
    notice.id = id;
    notice.querySelector("[data-text]").textContent = notices.dataset[kind];
    const reload = notice.querySelector("a");
    if (kind === "gone" || kind === "refused") {
      reload.href = location.href;
      dialog.close(); // it covers the link
    } else reload.remove();
    (openBox() || notices).append(notice);
    notice.dataset.started = "";
    startNotice(notice);
  }

  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 404 || status === 410) say("gone");
    else if (status === 401 || status === 403) say("refused");
    else if (status === 429) say("slow");
    else if (status === 503) say("away");
    else say("broken");
  });
  document.addEventListener("htmx:sendError", () => say("offline"));
  document.addEventListener("htmx:timeout", () => say("offline"));

  // ---- Sessions: a fresh token for the whole page, and no way out past what is typed

  document.addEventListener("fresh-token", (event) => {
    const { token } = event.detail;
    for (const input of document.querySelectorAll("[name='csrfmiddlewaretoken']")) input.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
  });

  // A search or a preview leads to sign-in when the session has ended: not while a form is filled in.
  // Sending the form does, and takes along what is typed.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, elt, requestConfig } = event.detail;
    const to = xhr.getResponseHeader("HX-Redirect");
    const sends = elt.matches("form") && requestConfig.verb === "post";
    if (sends || !to || new URL(to, location.href).pathname !== "/sign-in/" || !isTyped()) return;
    event.preventDefault();
    say("ended");
  });

  function isTyped() {
    const forms = [...document.querySelectorAll("form[method='post']")];
    return forms.some((form) => "dirty" in form.dataset || [...form.elements].some(isChanged));
  }

  function isChanged(field) {
    if (field.matches("select")) return [...field.options].some((one) => one.selected !== one.defaultSelected);
    if (field.matches("[type='checkbox'], [type='radio']")) return field.checked !== field.defaultChecked;
    return field.matches("input:not([type='hidden'], [type='search']), textarea") && field.value !== field.defaultValue;
  }

  // ---- Dialog: a fragment swapped into #dialog opens it

  let opener = null;

  function openDialog() {
    opener = document.activeElement;
    const menu = opener.closest("details.dropdown");
    if (menu) menu.open = false;
    dialog.showModal();
  }

  // Focus goes back to what opened it: for an entry of a menu, the menu's button
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    if (dialog.contains(document.activeElement) || document.activeElement === document.body) {
      const shut = opener?.checkVisibility?.() === false && opener.closest("[popover]")?.id;
      const back =
        opener?.closest("details.dropdown")?.querySelector("summary") ||
        (shut ? document.querySelector(`[popovertarget="${shut}"]`) : opener);
      (back?.isConnected && back !== document.body ? back : byId("main"))?.focus({ preventScroll: true });
    }
    opener = null;
  });

  // Closes on a click outside, but not when the press began inside (selecting text)
  let pressed = null;
  document.addEventListener("pointerdown", (event) => {
    pressed = event.target;
  });
  document.addEventListener("click", (event) => {
    const { target, clientX: x, clientY: y } = event;
    if (target !== openBox() || target !== pressed) return;
    const box = target.getBoundingClientRect();
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) target.close();
  });
  document.addEventListener("dialog:close", () => dialog.close());

  // ---- Around each htmx request

  let waiting = 0;
  let focusWas = null;

  document.addEventListener("htmx:beforeSend", (event) => {
    waiting += 1;
    html.dataset.loading = "";
    const pressed = event.detail.requestConfig?.triggeringEvent?.submitter;
    if (pressed) busy(pressed);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, target, successful } = event.detail;
    waiting = Math.max(0, waiting - 1);
    if (!waiting) delete html.dataset.loading;
    for (const button of document.querySelectorAll("[aria-busy='true'][data-busy]")) idle(button);
    // A dialog whose answer landed on the page behind it has done its work
    if (successful && dialog.open && dialog.contains(elt) && target && !dialog.contains(target)) {
      dialog.close();
    }
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const active = document.activeElement;
    focusWas = active !== document.body && event.detail.target?.contains(active) ? active : null;
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog) return;
    if (!dialog.childElementCount) dialog.close();
    else if (!dialog.open) openDialog();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const here = event.detail.target?.isConnected ? event.detail.target : byId(event.detail.target?.id);
    const spoken = here?.matches("[data-announce]") ? here : here?.querySelector("[data-announce]");
    if (spoken) announce(spoken.dataset.announce);
    if (event.detail.xhr?.status === 422 && here) focusFirstError(here);
    keepFocus(here);
    startNotices();
    prepareKeys();
    if (here && palette?.contains(here)) {
      choose(options()[0]);
      follow();
    }
  });
  document.addEventListener("htmx:oobAfterSwap", startNotices);

  function focusFirstError(root) {
    const wrong = root.querySelector("[data-errors], form [aria-invalid='true']");
    if (!wrong) return;
    if (wrong.matches("[data-errors]")) wrong.tabIndex = -1;
    wrong.focus();
  }

  // htmx gives focus back to an element with the same id. Where that is gone:
  // [data-focus] of what came in, else what came in itself.
  function keepFocus(here) {
    if (!focusWas) return;
    const lost = document.activeElement === document.body;
    const again = focusWas.id && byId(focusWas.id);
    focusWas = null;
    if (!lost) return;
    const to = again || here?.querySelector("[data-focus]") || here || byId("main");
    if (!to) return;
    if (to.tabIndex < 0 && !to.hasAttribute("tabindex")) to.tabIndex = -1;
    to.focus();
  }

  // ---- Busy buttons: one press, one request

  const byHtmx = "[hx-post], [hx-put], [hx-patch], [hx-delete]";

  function busy(button) {
    button.dataset.busy = "";
    button.setAttribute("aria-busy", "true");
  }

  function idle(button) {
    delete button.dataset.busy;
    button.removeAttribute("aria-busy");
  }

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form.method !== "post") return;
      const button = event.submitter || form.querySelector("[type='submit']");
      if (button?.dataset.busy !== undefined) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      delete form.dataset.dirty;
      if (button && !form.matches(byHtmx) && !button.matches(byHtmx)) busy(button);
    },
    true,
  );

  // Back to a page kept by the browser: nothing is under way any more
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("[data-busy]").forEach(idle);
  });

  // ---- Clicks: copy, dismiss, close, menus

  async function copy(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const code = button.closest(".copy, [popover]").querySelector("code");
      if (code) getSelection().selectAllChildren(code);
      return;
    }
    button.dataset.copied = "";
    announce(notices.dataset.copied);
    setTimeout(() => delete button.dataset.copied, 2000);
  }

  document.addEventListener("click", (event) => {
    const at = event.target.closest("[data-copy], [data-dismiss], [data-close], [data-palette], [aria-disabled='true']");
    if (at?.matches("[data-copy]")) copy(at);
    else if (at?.matches("[data-palette]")) {
      if (!palette || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      togglePalette();
    }
    else if (at?.matches("[data-dismiss]")) dropNotice(at.closest(".notice"));
    else if (at?.matches("[aria-disabled='true']")) event.preventDefault();
    else if (at && dialog.contains(at)) {
      event.preventDefault();
      dialog.close();
    }
    for (const menu of document.querySelectorAll("details.dropdown[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.dropdown[open]");
    if (!menu) return;
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    event.preventDefault();
  });

  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest("details.dropdown[open]");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });

  // ---- Unsaved changes: <form data-guard> asks before it is left

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-guard]")) form.dataset.dirty = "";
  });
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-dirty]")) event.preventDefault();
  });

  // Times are shown in the reader's zone from the next page on
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  document.cookie = `weegloo_zone=${timeZone};path=/;max-age=31536000;samesite=lax`;

  // ---- ⌘K: a combobox; its options come from the server, focus stays in the field

  const palette = byId("palette");
  const query = byId("palette-query");
  const options = () => [...palette.querySelectorAll("[role='option']")];
  let chosen = null;
  let going = false;

  function choose(option) {
    chosen?.setAttribute("aria-selected", "false");
    chosen = option;
    query.setAttribute("aria-expanded", String(Boolean(option)));
    query.setAttribute("aria-activedescendant", option?.id || "");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
  }

  // Enter waits until the list for the last input has settled: only then is `chosen` one of its options
  function follow() {
    const isCurrent = chosen?.isConnected && byId("palette-list").dataset.query === query.value;
    if (!palette.open || !going || !isCurrent) return;
    palette.close();
    chosen.click();
  }

  function togglePalette() {
    if (palette.open) return palette.close();
    palette.showModal();
    query.select();
    query.dispatchEvent(new Event("open"));
  }

  const stay = () => {
    going = false;
  };
  query?.addEventListener("input", stay);
  palette?.addEventListener("close", stay);
  query?.addEventListener("keydown", (event) => {
    // 229: in Safari, the Enter that ended a composition
    if (event.isComposing || event.keyCode === 229) return;
    const all = options();
    const at = all.indexOf(chosen);
    if (event.key === "Enter") {
      going = true;
      follow();
    } else if (event.key === "ArrowDown") choose(all[at + 1] || all[0]);
    else if (event.key === "ArrowUp") choose(all.at(at - 1));
    else return;
    event.preventDefault();
  });
  palette?.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role='option']");
    if (option && option !== chosen) choose(option);
  });

  // ---- Shortcuts: [data-key] names the key, "g m" is one after the other

  const isMac = /Mac|iP/.test(navigator.platform);
  let gAt = -Infinity;

  function singleKeys(wanted) {
    try {
      if (wanted !== undefined) localStorage.setItem("single-keys", wanted ? "on" : "off");
      return localStorage.getItem("single-keys") !== "off";
    } catch {
      return true;
    }
  }

  function prepareKeys() {
    for (const box of document.querySelectorAll("[data-keys]")) box.checked = singleKeys();
    const link = document.querySelector("[data-palette]");
    if (link) link.ariaKeyShortcuts = isMac ? "Meta+K" : "Control+K";
    if (isMac) for (const key of document.querySelectorAll("[data-mac]")) key.textContent = key.dataset.mac;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys]")) singleKeys(event.target.checked);
  });
  document.addEventListener("keydown", (event) => {
    // A browser that fills a field in sends events without a key
    if (!event.key || event.defaultPrevented || event.isComposing || event.repeat || event.altKey) return;
    // Where the keyboard writes Hangul, the key's place tells
    const letter = /^[ -~]$/.test(event.key) ? event.key : event.code.replace("Key", "");
    const key = event.shiftKey ? letter : letter.toLowerCase();
    if (event.metaKey || event.ctrlKey) {
      // On a Mac, Ctrl K is the text field's own
      if (key !== "k" || event.shiftKey || event.metaKey !== isMac || !palette || (openBox() && !palette.open)) return;
      event.preventDefault();
      togglePalette();
      return;
    }
    // Right after a dialog closed, focus is still in its field
    const field = event.target.closest("input, select, textarea, [contenteditable]");
    const open = document.querySelector("dialog[open], :popover-open, details.dropdown[open]");
    if (open || !singleKeys() || field?.checkVisibility()) return;
    const at = document.querySelector(`[data-key="${event.timeStamp - gAt < 1500 ? "g " : ""}${CSS.escape(key)}"]`);
    gAt = key === "g" ? event.timeStamp : -Infinity;
    if (!at) return;
    event.preventDefault();
    if (at.matches("input")) at.select();
    else at.click();
  });

  startNotices();
  prepareKeys();
  focusFirstError(document);
})();
