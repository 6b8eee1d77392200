// Draws the overview's charts from the JSON in the page; the tables beside them hold the same.
const dark = matchMedia("(prefers-color-scheme: dark)");
const given = JSON.parse(document.querySelector("#charts").textContent);
const LIGHT = { ready: "#16855a", appeal: "#3a63b8", waiting: "#7b8a93", review: "#c07a16", resubmitted: "#6fa0e0", appealed: "#a3bfea", due: "#0f6f8a", denied: "#b9495a", recovered: "#16855a" };
const DARK = { ready: "#57c493", appeal: "#8fb0f2", waiting: "#8fa1ab", review: "#e3a94f", resubmitted: "#5d86c9", appealed: "#445f92", due: "#4fb3cf", denied: "#e28490", recovered: "#57c493" };
const URGENT = ["#a51d2d", "#c9485a", "#d4775a"];
const drawn = [];

function money(value) {
  return value.toLocaleString("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
}

function short(label) {
  return label.length > 14 ? `${label.slice(0, 13)}…` : label;
}

function draw() {
  const colours = dark.matches ? DARK : LIGHT;
  const style = getComputedStyle(document.body);
  const text = style.color;
  const grid = dark.matches ? "#324047" : "#e2e8eb";
  while (drawn.length) drawn.pop().destroy();
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    const chart = given[canvas.dataset.chart];
    // Names that would not stand beside each other on a narrow page stand below each other.
    const narrow = canvas.parentElement.clientWidth < 440;
    const stacked = canvas.dataset.chart === "payers";
    const across = stacked || (narrow && canvas.dataset.chart === "days");
    const value = { stacked, beginAtZero: true, ticks: { color: text, callback: money, maxTicksLimit: narrow ? 4 : 6 }, grid: { color: grid } };
    const name = { stacked, ticks: { color: text, maxRotation: 0, autoSkip: chart.labels.length > 8 && !across }, grid: { display: false } };
    const labels = narrow ? chart.labels.map(short) : chart.labels;
    drawn.push(new Chart(canvas, {
      type: "bar",
      data: {
        labels,
        datasets: chart.sets.map((set) => ({
          label: set.label,
          data: set.data,
          maxBarThickness: 34,
          borderRadius: 3,
          backgroundColor: set.key === "due"
            ? set.data.map((_, place) => URGENT[place] ?? (place === set.data.length - 1 ? colours.waiting : colours.due))
            : colours[set.key],
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        indexAxis: across ? "y" : "x",
        font: { family: style.fontFamily },
        scales: across ? { x: value, y: name } : { x: name, y: value },
        plugins: {
          legend: { display: chart.sets.length > 1, position: "bottom", labels: { color: text, boxWidth: 12, boxHeight: 12 } },
          tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${money(item.raw)}` } },
        },
      },
    }));
  }
}

draw();
dark.addEventListener("change", draw);
