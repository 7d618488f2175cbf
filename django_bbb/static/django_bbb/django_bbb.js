// What makes our pages livelier; all of them work without it.
// One file without imports: it runs under whatever name a storage gives it.

const LONGEST_BACK_OFF = 60;

/** Say in the words of the page's language how long something is off: "in 5 seconds". */
function inWords(seconds) {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || undefined, { numeric: "auto" });
  const [number, unit] = seconds >= 172800 ? [seconds / 86400, "day"] : seconds >= 7200 ? [seconds / 3600, "hour"]
    : seconds >= 120 ? [seconds / 60, "minute"] : [seconds, "second"];
  return words.format(Math.max(0, Math.floor(number)), unit);
}

/** Call something each second as long as an element is on the page. */
class Ticking extends HTMLElement {
  #ticks = 0;

  connectedCallback() {
    this.tick();
    this.#ticks = setInterval(() => this.tick(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.#ticks);
  }

  say(where, seconds) {
    const place = this.querySelector(where);
    const text = inWords(seconds);
    if (place && place.textContent !== text) place.textContent = text;
  }
}

/**
 * The page of somebody who waits for a class: asks when the server says, less often when something fails, and goes in
 * by itself.  While nobody looks at it it rests, unless it is to ring: then it asks on, and goes in when looked at.
 */
class Waiting extends Ticking {
  #etag = "";
  #failures = 0;
  #timer = 0;
  #next = 0;
  #isAsking = false;
  #sound = null;

  connectedCallback() {
    for (const one of this.querySelectorAll("[data-script]")) one.hidden = false;
    this.#in(Number(this.dataset.pause));
    document.addEventListener("visibilitychange", this.#look);
    this.querySelector("[data-now]")?.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // in a tab of its own
      event.preventDefault();
      this.#ask();
    });
    this.querySelector("[data-ring]")?.addEventListener("change", (event) => this.#listen(event.target.checked));
    super.connectedCallback();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#look);
  }

  tick() {
    this.say("[data-again]", Math.ceil((this.#next - Date.now()) / 1000));
  }

  /** Whoever looks at the page again wants to know now. */
  #look = () => {
    if (document.hidden || Date.now() < this.#next) return;
    if (this.dataset.state === "open") this.#enter();
    else this.#ask();
  };

  #in(seconds) {
    clearTimeout(this.#timer);
    this.#next = Date.now() + seconds * 1000;
    this.tick();
    this.#timer = setTimeout(() => (document.hidden && !this.#sound) || this.#ask(), seconds * 1000);
  }

  async #ask() {
    if (this.#isAsking || this.dataset.state === "open") return;
    clearTimeout(this.#timer);
    this.#isAsking = true;
    this.#next = Date.now();
    this.tick();
    try {
      const headers = this.#etag ? { "If-None-Match": this.#etag } : {};
      await this.#hear(await fetch(this.dataset.statusUrl, { headers, cache: "no-store", credentials: "omit" }));
    } catch {
      this.#fail();
    } finally {
      this.#isAsking = false;
    }
  }

  async #hear(answer) {
    const pause = Number(answer.headers.get("Retry-After"));
    if (answer.status === 410) return this.#enter(); // the page is older than what it asks with
    if (answer.status !== 304 && !answer.ok) return this.#fail(pause);
    const told = answer.status === 304 ? { state: this.dataset.state, pause } : await answer.json();
    if (!(told.pause >= 0)) return this.#fail(); // whoever this was
    this.#failures = 0;
    this.#etag = answer.headers.get("ETag") ?? "";
    this.#become(told.state);
    if (told.state !== "open") return this.#in(told.pause);
    this.#next = Date.now() + told.pause * 1000;
    this.#timer = setTimeout(() => document.hidden || this.#enter(), told.pause * 1000);
  }

  /** The join page says what is true now: into class, or another page that waits. */
  #enter() {
    location.assign(this.dataset.joinUrl);
  }

  #fail(pause = 0) {
    this.#failures += 1;
    this.#show("trouble");
    const backOff = Math.min(LONGEST_BACK_OFF, 5 * 2 ** this.#failures);
    this.#in(Math.max(pause || 0, backOff * (0.8 + 0.4 * Math.random())));
  }

  #become(state) {
    this.#show(state);
    if (state === this.dataset.state) return;
    this.dataset.state = state;
    if (state !== "open") return;
    document.title = this.dataset.openTitle;
    this.#ring();
  }

  /** Show what is said in a state; a live region reads it out. */
  #show(name) {
    for (const one of this.querySelectorAll("[data-when]")) {
      one.hidden = !one.dataset.when.split(" ").includes(name);
    }
  }

  /** Browsers let a page sound only after somebody has asked for it. */
  #listen(wanted) {
    this.#sound?.close();
    this.#sound = wanted ? new AudioContext() : null;
  }

  #ring() {
    if (!this.#sound) return;
    for (const [delay, pitch] of [[0, 660], [0.25, 880]]) {
      const tone = new OscillatorNode(this.#sound, { frequency: pitch });
      const volume = new GainNode(this.#sound, { gain: 0.15 });
      tone.connect(volume).connect(this.#sound.destination);
      tone.start(this.#sound.currentTime + delay);
      tone.stop(this.#sound.currentTime + delay + 0.2);
    }
  }
}

/** How long until a class opens, by the clock of the site; then its join page is opened. */
class Countdown extends Ticking {
  #end = 0;

  connectedCallback() {
    const left = Date.parse(this.dataset.until) - Date.parse(this.dataset.now);
    // Not all in the same second.
    this.#end = Date.now() + left + 1000 + 4000 * Math.random();
    this.hidden = false;
    super.connectedCallback();
  }

  tick() {
    const left = (this.#end - Date.now()) / 1000;
    this.say("[data-left]", left);
    if (left > 0) return;
    this.disconnectedCallback();
    location.assign(this.dataset.joinUrl);
  }
}

/** What a frame shows when it holds no class any more: its link is followed in the whole window. */
class OutOfFrame extends HTMLElement {
  connectedCallback() {
    if (window.top !== window) window.top.location.assign(this.querySelector("a").href);
  }
}

customElements.define("bbb-waiting", Waiting);
customElements.define("bbb-countdown", Countdown);
customElements.define("bbb-out-of-frame", OutOfFrame);
