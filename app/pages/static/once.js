// The key of a one-time address stands behind its #, where neither a proxy nor a log sees it: put it where it is sent from.

function takeKey() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!key) return;
  document.querySelector("input[name=key]").value = key;
  history.replaceState(null, "", location.pathname + location.search);
}

takeKey();
addEventListener("hashchange", takeKey); // the address was pasted while this page stood open
