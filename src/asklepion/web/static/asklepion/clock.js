// Tells the server what this device's clock says when a form is sent, so that a wrong clock is noted. Forms work without it.
document.addEventListener("submit", (event) => {
  for (const field of event.target.querySelectorAll("[data-device-clock]")) field.value = new Date().toISOString();
});
