// Badges in the list of meetings, refreshed by one question for the whole page; and a button that copies.

const EVERY = 10_000;

const badges = () => [...document.querySelectorAll("[data-bbb-status]")];

function show(id, badge) {
  const status = document.querySelector(`[data-bbb-status="${id}"]`);
  status.textContent = badge.status;
  status.className = `bbb-badge bbb-${badge.state}`;
  document.querySelector(`[data-bbb-people="${id}"]`).textContent = badge.people;
  document.querySelector(`[data-bbb-server="${id}"]`).textContent = badge.server;
}

async function refresh() {
  const ids = badges().map((one) => one.dataset.bbbStatus);
  try {
    const answer = document.hidden ? null : await fetch(`badges/?ids=${ids.join(",")}`);
    if (answer?.ok) {
      Object.entries(await answer.json()).forEach(([id, badge]) => show(id, badge));
    }
  } catch {
    // No answer this time: what is shown stays, and the next time may do better.
  }
  setTimeout(refresh, EVERY);
}

function offerToCopy(button) {
  const text = document.getElementById(button.dataset.bbbCopy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    await navigator.clipboard.writeText(text.value);
    button.textContent = button.dataset.bbbCopied;
  });
}

if (badges().length) {
  setTimeout(refresh, EVERY);
}
if (navigator.clipboard) {
  document.querySelectorAll("[data-bbb-copy]").forEach(offerToCopy);
}
