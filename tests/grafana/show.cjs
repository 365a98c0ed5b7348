// Computes what Grafana shows for the answers of panels' queries, with Grafana's own
// library: NODE_PATH=…/node_modules node show.cjs < CAPTURE > SHOWN
//
// CAPTURE is a list of {"panel": …, "queries": [{"refId", "format", "legend", "result"}]}
// with the results of Prometheus' API. SHOWN has for each panel: `fields` of each frame
// after transformations and overrides (name, type, unit, values, and their texts);
// `displayed`, the figures of a stat or a bar gauge; `matches`, how many fields each
// override applies to; and `unknown`, names that Grafana does not have.
'use strict';
const fs = require('fs');
const grafana = require('@grafana/data');
const { firstValueFrom } = require('rxjs');

// The library expects a browser, but only after it is loaded.
globalThis.window = globalThis;
Object.defineProperty(globalThis, 'navigator', {
  value: { language: 'en-US', languages: ['en-US'] },
  configurable: true,
});

// The registries are filled by Grafana's application, which is not a library.
const transformers = new Map(
  Object.values(grafana.standardTransformers).map((found) => [found.id, found]),
);
grafana.standardTransformersRegistry.setInit(() =>
  [...transformers.values()].map((found) => ({
    id: found.id,
    name: found.name,
    transformation: () => Promise.resolve(found),
    imageDark: '',
    imageLight: '',
  })),
);
const STANDARD = [
  'color', 'decimals', 'displayName', 'links', 'mappings', 'max', 'min', 'noValue',
  'thresholds', 'unit',
];
const CUSTOM = {
  barchart: ['fillOpacity', 'hideFrom', 'lineWidth'],
  table: ['cellOptions', 'width'],
  timeseries: ['fillOpacity', 'hideFrom', 'lineStyle', 'lineWidth'],
};
const property = (id, path, isCustom) => ({
  id,
  path,
  isCustom,
  name: id,
  editor: () => null,
  override: () => null,
  process: (value) => value,
  settings: {},
  shouldApply: () => true,
});
grafana.standardFieldConfigEditorRegistry.setInit(() =>
  STANDARD.map((id) => property(id, id, false)),
);
const theme = grafana.createTheme();

function properties(panel) {
  const registry = new grafana.FieldConfigOptionsRegistry();
  STANDARD.forEach((id) => registry.register(property(id, id, false)));
  (CUSTOM[panel.type] ?? []).forEach((id) =>
    registry.register(property(`custom.${id}`, id, true)),
  );
  return registry;
}

const time = (values) => ({ name: 'Time', type: 'time', values, config: {} });
const named = (legend, labels) =>
  legend.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => labels[label] ?? '');

// An instant vector as a table: a row for each series, a column for each label.
function tableFrame({ refId, result }, valueName) {
  const labels = [];
  for (const { metric } of result) {
    for (const label of Object.keys(metric).sort()) {
      if (!labels.includes(label)) labels.push(label);
    }
  }
  const column = (label) => ({
    name: label,
    type: 'string',
    values: result.map(({ metric }) => metric[label] ?? ''),
    config: {},
  });
  const values = result.map(({ value }) => Number(value[1]));
  return {
    refId,
    fields: [
      time(result.map(({ value }) => value[0] * 1000)),
      ...labels.map(column),
      { name: valueName, type: 'number', values, config: {} },
    ],
  };
}

// A frame for each series. Grafana adds one without fields for a query without answer.
function seriesFrames({ refId, legend, result }) {
  if (!result.length) return [{ refId, fields: [] }];
  return result.map(({ metric, value, values }) => {
    const samples = values ?? [value];
    const config = { displayNameFromDS: named(legend, metric) };
    return {
      refId,
      fields: [
        time(samples.map(([at]) => at * 1000)),
        {
          name: 'Value',
          type: 'number',
          values: samples.map(([, sample]) => Number(sample)),
          labels: metric,
          config,
        },
      ],
    };
  });
}

function framesOf(queries) {
  const tables = queries.filter(({ format }) => format === 'table');
  const isSingle = tables.length === 1;
  if (isSingle && !tables[0].result.length) return [{ refId: 'A', fields: [] }];
  return queries.flatMap((query) =>
    query.format === 'table'
      ? [tableFrame(query, isSingle ? 'Value' : `Value #${query.refId}`)]
      : seriesFrames(query),
  );
}

function unknownNames(panel) {
  const registry = properties(panel);
  const { defaults, overrides } = panel.fieldConfig;
  const ids = overrides.flatMap((override) => override.properties.map(({ id }) => id));
  const units = overrides
    .flatMap((override) => override.properties)
    .filter(({ id }) => id === 'unit')
    .map(({ value }) => value);
  const formats = grafana.getValueFormatterIndex();
  return [
    ...(panel.transformations ?? []).map(({ id }) => id).filter((id) => !transformers.has(id)),
    ...ids.filter((id) => !registry.getIfExists(id)),
    ...[defaults.unit, ...units].filter((unit) => !formats[unit]),
  ];
}

function shownField(field, frame, frames) {
  const values = Array.from(field.values);
  return {
    name: grafana.getFieldDisplayName(field, frame, frames),
    type: field.type,
    unit: field.config.unit,
    values: values.map((value) => (Number.isNaN(value) ? null : (value ?? null))),
    texts: values.map((value) => grafana.formattedValueToString(field.display(value))),
    colours: values.map((value) => field.display(value).color ?? null),
  };
}

function displayed(panel, data) {
  if (!['stat', 'bargauge'].includes(panel.type)) return null;
  const found = grafana.getFieldDisplayValues({
    data,
    fieldConfig: panel.fieldConfig,
    reduceOptions: panel.options.reduceOptions,
    replaceVariables: (text) => text,
    theme,
  });
  return found.map(({ display }) => ({
    title: display.title ?? '',
    text: grafana.formattedValueToString(display),
    value: Number.isNaN(display.numeric) ? null : display.numeric,
    colour: display.color,
  }));
}

async function show({ panel, queries }) {
  const transformations = panel.transformations ?? [];
  const input = framesOf(queries).map((frame) => grafana.toDataFrame(frame));
  const output = await firstValueFrom(grafana.transformDataFrame(transformations, input));
  const matches = panel.fieldConfig.overrides.map(({ matcher }) => {
    const applies = grafana.getFieldMatcher(matcher);
    return output.flatMap((frame) =>
      frame.fields.filter((field) => applies(field, frame, output)),
    ).length;
  });
  const frames = grafana.applyFieldOverrides({
    data: output,
    fieldConfig: panel.fieldConfig,
    fieldConfigRegistry: properties(panel),
    replaceVariables: (text) => text,
    theme,
    timeZone: 'utc',
  });
  return {
    frames: frames.map((frame) =>
      frame.fields.map((field) => shownField(field, frame, frames)),
    ),
    displayed: displayed(panel, frames),
    matches,
    unknown: unknownNames(panel),
  };
}

async function main() {
  const shown = [];
  for (const captured of JSON.parse(fs.readFileSync(0))) shown.push(await show(captured));
  process.stdout.write(JSON.stringify(shown));
}

main();
