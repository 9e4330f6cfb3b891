// Before the first paint: the theme that the person chose, where it is not the system's. See settings-store.ts.
try {
  var theme = localStorage.getItem('tandem.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch (_) {
  // Where nothing may be stored, the system's theme stays.
}
