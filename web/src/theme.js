// Before the first paint: the theme that was chosen here. Without a choice the system's holds.
(function () {
  try {
    var theme = localStorage.getItem("pw.theme");
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  } catch (e) {}
})();
