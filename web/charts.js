/* global uPlot */
/**
 * The charts of a run, drawn with uPlot: the live page and the report share this file.
 *
 * A table is { columns: [name], rows: [[number or null]] } with the columns `events` and `eventTimeMs` in it; a run is
 * { name, table, marks }. Two runs are drawn side by side on the same scale.
 */
// biome-ignore lint/correctness/noUnusedVariables: the page's own script calls it
const dadinCharts = (() => {
  const HEIGHT = 220;
  const ALARMS = new Set(['drift', 'restored', 'discarded', 'refused']);
  const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

  const FORMATS = {
    plain: (v) =>
      Math.abs(v) >= 100
        ? compact.format(v)
        : Math.abs(v) >= 10
          ? v.toFixed(1)
          : trimmed(v.toFixed(Math.abs(v) < 0.01 ? 5 : 3)),
    share: (v) => `${trimmed((100 * v).toFixed(1))} %`,
    bytes: (v) => (v >= 1e9 ? `${(v / 1e9).toFixed(2)} GB` : `${Math.round(v / 1e6)} MB`),
    milliseconds: (v) =>
      v >= 1000 ? `${(v / 1000).toFixed(1)} s` : `${v >= 10 ? Math.round(v) : trimmed(v.toFixed(2))} ms`,
    count: (v) => compact.format(v),
  };

  function trimmed(text) {
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  }

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  /** Columns as uPlot takes them: x first, then the lines, then the bands' ends. */
  function dataOf(chart, { columns, rows }, axis) {
    const x = columns.indexOf(axis);
    const drawn = axis === 'events' ? rows : rows.filter((row) => row[x] !== null);
    const scale = axis === 'events' ? 1 : 1000; // uPlot has seconds
    const keys = [...chart.lines.map(({ key }) => key), ...chart.lines.flatMap(({ band = [] }) => band)];
    return [
      drawn.map((row) => row[x] / scale),
      ...keys.map((key) => {
        const column = columns.indexOf(key);
        return drawn.map((row) => (column < 0 ? null : row[column]));
      }),
    ];
  }

  function xText(value, axis) {
    if (value === undefined || value === null) return '';
    return axis === 'events'
      ? `${value.toLocaleString('en')} events`
      : new Date(value * 1000).toISOString().replace('T', ' ').slice(0, 19);
  }

  class ChartCard {
    constructor(chart, runs, axis) {
      this.chart = chart;
      this.runs = runs;
      this.axis = axis;
      this.hiddenLines = new Set();
      this.format = FORMATS[chart.format];
      const heading = element('h3', { id: `h-${chart.id}` }, chart.title);
      this.legend = element('div', { class: 'legend', role: 'group', 'aria-label': `Lines of ${chart.title}` });
      this.node = element(
        'section',
        { class: 'card', id: `chart-${chart.id}`, 'aria-labelledby': heading.id },
        heading,
        element('p', { class: 'caption' }, chart.caption),
        this.legend,
      );
      const pair = element('div', { class: runs.length > 1 ? 'pair' : '' });
      this.boxes = runs.map((run) => {
        const box = element('div', {
          class: 'plot',
          tabindex: '0',
          role: 'group',
          'aria-roledescription': 'chart',
          'aria-label': `${chart.title}${run.name ? `, ${run.name}` : ''}. Arrow keys read its values.`,
        });
        pair.append(element('div', {}, ...(runs.length > 1 ? [element('h4', {}, run.name)] : []), box));
        return box;
      });
      this.readout = element('p', { class: 'hidden', 'aria-live': 'polite' });
      this.numbers = element('tbody');
      this.details = element(
        'details',
        {},
        element('summary', {}, 'Numbers'),
        element(
          'div',
          { class: 'scroll' },
          element('table', {}, element('thead', {}, headerRow(['', 'newest', 'lowest', 'highest'])), this.numbers),
        ),
      );
      this.details.addEventListener('toggle', () => this.writeNumbers());
      this.node.append(pair, this.readout, this.details);
      this.plots = [];
      this.addLegend();
    }

    addLegend() {
      this.values = this.chart.lines.map((line, i) => {
        const value = element('b');
        const swatch = element('i', { class: line.dashed ? 'dashed' : '', 'aria-hidden': 'true' });
        swatch.style.setProperty('--stroke', `var(--${line.color})`);
        const button = element('button', { type: 'button', 'aria-pressed': 'true' }, swatch, line.label, value);
        button.addEventListener('click', () => {
          const shown = button.getAttribute('aria-pressed') !== 'true';
          button.setAttribute('aria-pressed', String(shown));
          if (shown) this.hiddenLines.delete(i);
          else this.hiddenLines.add(i);
          for (const plot of this.plots) for (const series of this.seriesOf(i)) plot.setSeries(series, { show: shown });
        });
        this.legend.append(button);
        return value;
      });
    }

    /** Numbers of the series that belong to a line: itself and its band. */
    seriesOf(line) {
      const series = [line + 1];
      let next = this.chart.lines.length + 1;
      for (const [i, { band }] of this.chart.lines.entries()) {
        if (band === undefined) continue;
        if (i === line) series.push(next, next + 1);
        next += 2;
      }
      return series;
    }

    /** Draws anew: at first, and when the axis, the colours or the width have changed. */
    draw() {
      for (const plot of this.plots) plot.destroy();
      this.plots = this.boxes.map((box, r) => {
        const plot = new uPlot(this.options(box, r), dataOf(this.chart, this.runs[r].table, this.axis), box);
        box.onkeydown = (event) => this.moveCursor(event, plot, r);
        box.uplot = plot;
        plot.root.setAttribute('aria-hidden', 'true');
        return plot;
      });
      for (const line of this.hiddenLines)
        for (const plot of this.plots) for (const s of this.seriesOf(line)) plot.setSeries(s, { show: false });
      this.write();
    }

    /** New rows of the same runs; keeps what a reader has zoomed into. */
    update() {
      for (const [r, plot] of this.plots.entries()) {
        const { min, max } = plot.scales.x;
        const x = plot.data[0];
        const zoomed = x.length > 1 && min !== null && (min > x[0] || max < x[x.length - 1]);
        plot.setData(dataOf(this.chart, this.runs[r].table, this.axis), !zoomed);
        if (zoomed) plot.redraw();
      }
      this.write();
    }

    options(box, r) {
      const { chart, axis } = this;
      const ink = {
        stroke: css('soft'),
        grid: { stroke: css('line'), width: 1 },
        ticks: { stroke: css('line'), width: 1 },
        font: '11px system-ui',
      };
      const bands = [];
      const ends = [];
      let next = chart.lines.length + 1;
      for (const { band, color } of chart.lines) {
        if (band === undefined) continue;
        bands.push({ series: [next + 1, next], fill: `${css(color)}2b` });
        ends.push(
          { stroke: 'transparent', points: { show: false }, spanGaps: true },
          { stroke: 'transparent', points: { show: false }, spanGaps: true },
        );
        next += 2;
      }
      return {
        width: box.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { sync: { key: 'dadin' }, y: false, points: { size: 6 } },
        scales: { x: { time: axis !== 'events' }, y: { range: (_, low, high) => this.range(low, high) } },
        axes: [
          { ...ink, ...(axis === 'events' ? { values: (_, vs) => vs.map((v) => compact.format(v)) } : {}) },
          { ...ink, size: 58, values: (_, vs) => vs.map((v) => this.format(v)) },
        ],
        series: [
          {},
          ...chart.lines.map(({ color, dashed }) => ({
            stroke: css(color),
            width: dashed ? 1.5 : 2,
            spanGaps: true,
            points: { show: (u) => u.data[0].length < 3 },
            ...(dashed ? { dash: [5, 4] } : {}),
          })),
          ...ends,
        ],
        bands,
        hooks: {
          draw: [(u) => this.drawMarks(u, r)],
          setCursor: [(u) => this.showValues(u.cursor.idx, r)],
        },
      };
    }

    /** Room for the reference lines, and the same for both runs. */
    range(low, high) {
      const seen = [low, high, ...this.chart.marks.map(({ y }) => y)].filter((v) => v !== null && v !== undefined);
      if (this.runs.length > 1) {
        for (const { table } of this.runs)
          for (const column of dataOf(this.chart, table, this.axis).slice(1))
            for (const v of column) if (v !== null) seen.push(v);
      }
      if (seen.length === 0) return [0, 1];
      let bottom = seen[0];
      let top = seen[0];
      for (const v of seen) {
        if (v < bottom) bottom = v;
        if (v > top) top = v;
      }
      const room = (top - bottom || Math.abs(top) || 1) * 0.09;
      return [bottom >= 0 && bottom - room < 0 ? 0 : bottom - room, top + room];
    }

    drawMarks(u, r) {
      const { ctx, bbox } = u;
      const ratio = devicePixelRatio;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      ctx.font = `${11 * ratio}px system-ui`;
      ctx.lineWidth = ratio;
      ctx.textAlign = 'left';
      for (const { label, y, color } of this.chart.marks) {
        const at = Math.round(u.valToPos(y, 'y', true));
        ctx.strokeStyle = ctx.fillStyle = css(color);
        ctx.setLineDash([4 * ratio, 4 * ratio]);
        line(ctx, bbox.left, at, bbox.left + bbox.width, at);
        const below = this.chart.marks.some(
          (other) => other.y > y && Math.abs(u.valToPos(other.y, 'y', true) - at) < 18 * ratio,
        );
        write(ctx, label, bbox.left + 5 * ratio, at + (below ? 12 : -4) * ratio);
      }
      let free = bbox.left;
      for (const mark of this.runs[r].marks) {
        const x = this.axis === 'events' ? mark.events : mark[this.axis];
        if (x === null) continue;
        const at = Math.round(u.valToPos(this.axis === 'events' ? x : x / 1000, 'x', true));
        const alarm = ALARMS.has(mark.kind);
        if (!alarm && mark.kind !== 'published' && mark.kind !== 'checkpoint') continue;
        ctx.strokeStyle = ctx.fillStyle = css(alarm ? 'alarm' : mark.kind === 'published' ? 'good' : 'soft');
        ctx.setLineDash([]);
        const bottom = bbox.top + bbox.height;
        if (!alarm) {
          line(ctx, at, bottom - 6 * ratio, at, bottom);
          continue;
        }
        ctx.setLineDash([2 * ratio, 3 * ratio]);
        line(ctx, at, bbox.top, at, bottom);
        const word = mark.kind === 'drift' ? mark.text : mark.kind; // the list tells the whole
        const width = ctx.measureText(word).width;
        const left = Math.min(at + 4 * ratio, bbox.left + bbox.width - width - 4 * ratio);
        if (left < free) continue;
        write(ctx, word, left, bottom - 9 * ratio);
        free = left + width + 12 * ratio;
      }
      ctx.restore();
    }

    moveCursor(event, plot, r) {
      const last = plot.data[0].length - 1;
      const at = plot.cursor.idx ?? last;
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 20, PageDown: at + 20, Home: 0, End: last }[
        event.key
      ];
      if (to === undefined || last < 0) return;
      event.preventDefault();
      const idx = Math.min(last, Math.max(0, to));
      plot.setCursor({ left: plot.valToPos(plot.data[0][idx], 'x'), top: 10 });
      this.readout.textContent = `At ${xText(plot.data[0][idx], this.axis)}: ${this.chart.lines.map(({ label }, i) => `${label} ${this.text(plot.data[i + 1][idx])}`).join(', ')}`;
      this.showValues(idx, r);
    }

    text(value) {
      return value === null || value === undefined ? 'no value' : this.format(value);
    }

    /** Values under the cursor, or the newest ones, in the legend. */
    showValues(idx, r) {
      const data = this.plots[r]?.data ?? dataOf(this.chart, this.runs[r].table, this.axis);
      for (const [i, node] of this.values.entries()) {
        const column = data[i + 1];
        const value = idx === null || idx === undefined ? column.findLast((v) => v !== null) : column[idx];
        node.textContent = value === null || value === undefined ? '–' : this.format(value);
      }
    }

    write() {
      const none = this.runs.every(({ table }) =>
        dataOf(this.chart, table, this.axis)
          .slice(1)
          .every((column) => column.every((v) => v === null)),
      );
      for (const box of this.boxes) {
        box.querySelector('.empty')?.remove();
        if (none) box.append(element('div', { class: 'empty' }, 'nothing to draw yet'));
      }
      if (this.plots[0]?.cursor.idx === null || this.plots[0]?.cursor.idx === undefined) this.showValues(null, 0);
      this.writeNumbers();
    }

    writeNumbers() {
      if (!this.details.open) return;
      this.numbers.replaceChildren(
        ...this.runs.flatMap((run, r) =>
          this.chart.lines.map(({ label }, i) => {
            const values = this.plots[r].data[i + 1].filter((v) => v !== null);
            const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
            const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
            const cells = values.length === 0 ? ['–', '–', '–'] : [values.at(-1), low, high].map((v) => this.format(v));
            return element(
              'tr',
              {},
              element('th', { scope: 'row' }, this.runs.length > 1 ? `${run.name}: ${label}` : label),
              ...cells.map((c) => element('td', {}, c)),
            );
          }),
        ),
      );
    }
  }

  function line(ctx, x0, y0, x1, y1) {
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
  }

  /** Text on the colour of the card, so that lines behind it do not strike it through. */
  function write(ctx, text, x, y) {
    const stroke = ctx.strokeStyle;
    const width = ctx.lineWidth;
    ctx.setLineDash([]);
    ctx.strokeStyle = css('card');
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.strokeText(text, x, y);
    ctx.strokeStyle = stroke;
    ctx.lineWidth = width;
    ctx.fillText(text, x, y);
  }

  function headerRow(cells) {
    return element('tr', {}, ...cells.map((cell) => element('th', { scope: 'col' }, cell)));
  }

  /** Draws the charts into `host` and keeps them right when the window or the colours change. */
  function draw(host, charts, runs, axis = 'events') {
    const cards = charts.map((chart) => new ChartCard(chart, runs, axis));
    host.replaceChildren(...cards.map(({ node }) => node));
    cards[0]?.node.classList.toggle('wide', cards.length % 2 === 1);
    const redraw = () => {
      for (const card of cards) card.draw();
    };
    redraw();
    let timer;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(redraw, 120);
    };
    addEventListener('resize', later);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
    return {
      update: () => {
        for (const card of cards) card.update();
      },
      setAxis: (to) => {
        for (const card of cards) card.axis = to;
        redraw();
      },
    };
  }

  return { draw, element, headerRow, compact, formats: FORMATS };
})();
