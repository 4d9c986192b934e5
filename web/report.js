/* global dadinCharts */
(() => {
  const { charts, operationCharts, runs } = JSON.parse(document.getElementById('data').textContent);
  /** Only what some run has values for. */
  const filled = (list, part) =>
    list.filter(({ lines }) =>
      runs.some((run) =>
        lines.some(({ key }) => run[part]?.rows.some((row) => row[run[part].columns.indexOf(key)] != null)),
      ),
    );
  const empty = { columns: ['events', 'eventTimeMs'], rows: [] };
  const drawn = (part) =>
    runs.map((run) => ({ name: runs.length > 1 ? run.name : '', table: run[part] ?? empty, marks: run.marks }));
  dadinCharts.draw(document.getElementById('quality'), filled(charts, 'quality'), drawn('quality'));
  const operation = filled(operationCharts, 'operation');
  if (operation.length === 0) document.getElementById('operation-part').remove();
  else dadinCharts.draw(document.getElementById('operation'), operation, drawn('operation'));
})();
