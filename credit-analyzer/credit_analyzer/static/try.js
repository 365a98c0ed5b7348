"use strict";
// Sends the form as JSON, and shows the decision or what was wrong.
const form = document.querySelector("form");
const output = document.querySelector("output");

function value(field) {
  if (field.dataset.kind === "boolean") return field.value === "true";
  if (field.dataset.kind === "number") {
    const number = Number(field.value);
    return Number.isFinite(number) ? number : field.value;
  }
  return field.value;
}

function show(text, faults) {
  output.classList.toggle("error", faults !== undefined);
  output.replaceChildren(text);
  if (!faults || !faults.length) return;
  const list = document.createElement("ul");
  for (const fault of faults) {
    const item = document.createElement("li");
    item.textContent = `${fault.field} ${fault.detail}`;
    list.append(item);
  }
  output.append(list);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = {};
  for (const field of form.elements) {
    if (field.name && field.value !== "") fields[field.name] = value(field);
  }
  try {
    const response = await fetch(form.dataset.path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(fields),
    });
    const answer = await response.json();
    if (response.ok) show(`${answer.decision}, score ${answer.score}`);
    else show(answer.detail, answer.errors || []);
  } catch (error) {
    show("The service does not answer.", []);
  }
});
