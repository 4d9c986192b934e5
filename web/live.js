/* global dadinCharts */
(() => {
  const { element, headerRow, compact, formats } = dadinCharts;
  const REDRAW_MS = 1000;
  /** The server thins by the same rule (src/server/thinned-series.ts). */
  const RECENT = 512;
  const MOST_ROWS = 2048;
  const QUALITY = new Set(['auc', 'entropy', 'calibration', 'click-rate', 'adversary', 'race', 'interest']);

  const $ = (id) => document.getElementById(id);
  const whole = (n) => n.toLocaleString('en');
  const run = { name: '', table: { columns: [], rows: [] }, marks: [] };
  let numbers = [];
  let seen = 0;
  let drawn = [];
  let status = null;
  let connected = false;
  let paused = false;
  let stale = false;

  const value = (key) => {
    const at = run.table.columns.indexOf(key);
    return at < 0 ? null : (run.table.rows.findLast((row) => row[at] !== null)?.[at] ?? null);
  };

  function reset(message) {
    const { title, charts, columns, rows, marks } = message;
    document.title = title;
    $('title').textContent = title;
    run.table = { columns, rows };
    run.marks = marks;
    numbers = message.numbers;
    seen = (numbers.at(-1) ?? -1) + 1;
    const axis = $('axis').value;
    drawn = [
      dadinCharts.draw(
        $('quality'),
        charts.filter(({ id }) => QUALITY.has(id)),
        [run],
        axis,
      ),
      dadinCharts.draw(
        $('operation'),
        charts.filter(({ id }) => !QUALITY.has(id)),
        [run],
        axis,
      ),
    ];
    writeVersions();
    write();
  }

  function thin() {
    if (run.table.rows.length <= MOST_ROWS + RECENT) return;
    let stride = 1;
    let kept = run.table.rows.map((_, i) => i);
    while (kept.length > MOST_ROWS) {
      stride *= 2;
      kept = kept.filter((i) => i >= run.table.rows.length - RECENT || numbers[i] % stride === 0);
    }
    run.table.rows = kept.map((i) => run.table.rows[i]);
    numbers = kept.map((i) => numbers[i]);
  }

  function addRow(row, id) {
    const number = Number(id.split('-')[1]);
    if (number < seen) return; // met before a break
    run.table.rows.push(row);
    numbers.push(number);
    seen = number + 1;
    thin();
    stale = true;
  }

  function addMark(mark) {
    if (run.marks.some(({ clockMs, text }) => clockMs === mark.clockMs && text === mark.text)) return;
    run.marks.push(mark);
    if (mark.kind === 'checkpoint' || mark.kind === 'published' || mark.kind === 'refused') writeVersions();
    stale = true;
  }

  function tile(name, text, small, tone = '') {
    return element(
      'div',
      { class: `tile ${tone}` },
      element('dt', {}, name),
      element('dd', {}, text, ...(small ? [' ', element('small', {}, small)] : [])),
    );
  }

  function aucTile(domain) {
    const auc = value(`${domain}Auc`);
    const low = value(`${domain}AucLow`);
    return tile(
      `AUC, ${domain}`,
      auc === null ? '–' : auc.toFixed(3),
      auc === null || low === null ? '' : `± ${(auc - low).toFixed(3)}`,
      domain,
    );
  }

  function writeTiles() {
    const show = (key, format) => (value(key) === null ? '–' : formats[format](value(key)));
    const dead = value('deadLetters') ?? 0;
    const age = status?.checkpointAgeMs ?? null;
    $('tiles').replaceChildren(
      aucTile('target'),
      aucTile('source'),
      tile(
        'Events',
        value('events') === null ? '–' : whole(value('events')),
        status?.steps === undefined ? '' : `${whole(status.steps)} steps`,
      ),
      tile('Events a second', show('eventsPerSecond', 'count')),
      tile('Not yet read', show('lagRecords', 'count')),
      tile('Step', show('stepMs', 'milliseconds'), status?.backend ?? ''),
      tile('Memory', show('memoryResident', 'bytes')),
      tile('Last checkpoint', age === null ? '–' : `${Math.round(age / 1000)} s`, age === null ? 'none' : 'ago'),
      tile('Not learned from', compact.format(dead), 'records', dead > 0 ? 'bad' : ''),
    );
  }

  function rows(body, cells) {
    $(body).replaceChildren(
      ...cells.map(([first, ...rest]) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, first),
          ...rest.map((cell) =>
            element('td', { class: typeof cell === 'string' && /[a-z]{4}/.test(cell) ? 'text' : '' }, String(cell)),
          ),
        ),
      ),
    );
  }

  /** As the server wrote it: { header, rows: [{ domain, cells }] }. */
  function writeTable(id, { header, rows }) {
    $(`${id}-card`).hidden = rows.length === 0;
    $(id).previousElementSibling.replaceChildren(headerRow(header));
    $(id).replaceChildren(
      ...rows.map(({ domain, cells: [first, ...rest] }) =>
        element(
          'tr',
          { class: domain ?? 'part' },
          element('th', { scope: 'row' }, first),
          ...rest.map((cell) => element('td', {}, cell)),
        ),
      ),
    );
  }

  function writeStatus() {
    if (status === null || status.counts === undefined) return;
    const { counts, deadLetters, examples, embeddings, users, items, lag, tables } = status;
    for (const [id, table] of Object.entries(tables)) writeTable(id, table);
    const reasons = Object.entries(deadLetters);
    rows('dead', [
      ...(reasons.length === 0 ? [['bad or late records', 0]] : reasons.map(([code, n]) => [code, whole(n)])),
      ['duplicates', whole(counts.duplicates)],
      ['clicks without impression', whole(counts.orphanClicks)],
      ['impressions given up', whole(counts.labelsGivenUp)],
      ['steps thrown away', whole(counts.discarded)],
    ]);
    $('examples').previousElementSibling.replaceChildren(headerRow(['where', 'code', 'reason']));
    rows(
      'examples',
      [...examples]
        .reverse()
        .map(({ partition, position, code, reason }) => [`${partition}:${position}`, code, reason]),
    );
    rows('held', [
      ...Object.entries(embeddings.rows).map(([name, n]) => [`embedding rows, ${name}`, whole(n)]),
      ['embedding rows evicted', whole(embeddings.evicted)],
      ['users', whole(users)],
      ['items', whole(items)],
      ['rows trained', whole(counts.trained)],
      ['records read', whole(counts.consumed)],
      ...Object.entries(lag)
        .slice(0, 64)
        .map(([name, n]) => [`not yet read, ${name}`, whole(n)]),
    ]);
  }

  function writeMarks() {
    const newest = run.marks.slice(-100).reverse();
    $('marks').replaceChildren(
      ...(newest.length === 0 ? [element('li', {}, 'nothing yet')] : []),
      ...newest.map(({ kind, text, events }) =>
        element(
          'li',
          {},
          element('span', { class: 'when' }, `${compact.format(events)} events`),
          element('span', { class: `kind-${kind}` }, kind),
          element('span', {}, text),
        ),
      ),
    );
  }

  async function writeVersions() {
    const answer = await fetch('versions').catch(() => null);
    if (answer === null || !answer.ok) return; // the next mark asks again
    const { checkpoints, models } = await answer.json();
    const line = ({ name, parent, step, eventTimeMs, aucTarget, aucSource, note }) => [
      name,
      parent ?? '–',
      whole(step),
      eventTimeMs === null ? '–' : new Date(eventTimeMs).toISOString().slice(0, 16).replace('T', ' '),
      aucTarget === null ? '–' : aucTarget.toFixed(3),
      aucSource === null ? '–' : aucSource.toFixed(3),
      note ?? '',
    ];
    $('versions').previousElementSibling.replaceChildren(
      headerRow(['version', 'from', 'step', 'event time', 'target', 'source', '']),
    );
    rows('versions', [...checkpoints, ...models].reverse().slice(0, 60).map(line));
  }

  function writeState() {
    const pill = $('state');
    const waiting = status?.waitingFor ?? null;
    const ended = waiting?.startsWith('nothing') ?? false;
    const [name, text] = ended
      ? ['', waiting.replace('nothing: ', '')]
      : !connected
        ? ['lost', 'connection lost, trying again']
        : waiting !== null
          ? ['waiting', `waiting for ${waiting}`]
          : ['live', 'live'];
    pill.className = `pill ${name}`;
    if (pill.textContent !== text) pill.textContent = text;
  }

  function write() {
    stale = false;
    const kept = run.table.rows.length;
    $('thinning').textContent =
      kept < seen
        ? `${whole(kept)} of ${whole(seen)} points are drawn: the newest ${RECENT} all, older ones evenly thinned.`
        : `All ${whole(seen)} points are drawn.`;
    writeTiles();
    writeStatus();
    writeMarks();
    for (const charts of drawn) charts.update();
  }

  $('axis').addEventListener('change', () => {
    for (const charts of drawn) charts.setAxis($('axis').value);
  });
  $('pause').addEventListener('click', () => {
    paused = !paused;
    $('pause').setAttribute('aria-pressed', String(paused));
    $('pause').textContent = paused ? 'Go on' : 'Pause';
  });
  setInterval(() => {
    if (stale && !paused && !document.hidden) write();
  }, REDRAW_MS);

  function connect() {
    const source = new EventSource('events');
    source.addEventListener('open', () => {
      connected = true;
      writeState();
    });
    source.addEventListener('error', () => {
      connected = false;
      writeState();
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      setTimeout(connect, 2000);
    });
    source.addEventListener('reset', ({ data }) => reset(JSON.parse(data)));
    source.addEventListener('row', ({ data, lastEventId }) => addRow(JSON.parse(data), lastEventId));
    source.addEventListener('mark', ({ data }) => addMark(JSON.parse(data)));
    source.addEventListener('status', ({ data }) => {
      status = JSON.parse(data);
      stale = true;
      writeState();
    });
  }
  connect();
})();
