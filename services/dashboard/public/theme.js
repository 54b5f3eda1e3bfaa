// Runs before the first paint, so that a page kept dark does not flash light. Everything else about the theme is in
// src/state/theme.ts.
(() => {
  let kept = null;
  try {
    kept = localStorage.getItem('sealcast.theme');
  } catch {
    // Storage may be closed to the page; the system's choice stands then.
  }
  const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
