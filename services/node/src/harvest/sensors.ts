import { readInteger, readLinkName, readNames, readWord } from './reading.ts';

/** A file that holds a temperature in thousandths of a degree. */
export interface Sensor {
  name: string;
  path: string;
}

interface Chip {
  chip: string;
  sensors: { label: string; path: string }[];
}

// The kernel shows some sensors under two names: as hwmon and as thermal zone.
const twins = new Map([['x86_pkg_temp', 'coretemp']]);
// A zone that the firmware needs for its own ends; it always says 20 °C.
const empty = /^INT340/;

const processor = /^(coretemp|k10temp|zenpower|fam15h_power|cpu[-_]?.*|soc[-_]?thermal|bigcore\d.*|littlecore.*)/i;

/** All sensors, the processors' first and their single cores last. */
export function findSensors(root: string): Sensor[] {
  const chips = findChips(`${root}/sys/class/hwmon`);
  const known = new Set(chips.map(({ chip }) => plain(chip)));
  const names = new Map<string, number>();
  return [...chips.map(withLabels).flat(), ...findZones(`${root}/sys/class/thermal`, known)]
    .map((sensor) => ({ ...sensor, rank: rank(sensor.name) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ name, path }) => {
      const count = (names.get(name) ?? 0) + 1;
      names.set(name, count);
      return { name: count === 1 ? name : `${name} ${count}`, path };
    });
}

function findChips(folder: string): Chip[] {
  return readNames(folder).map((entry) => {
    const path = `${folder}/${entry}`;
    const sensors = readNames(path)
      .filter((file) => /^temp\d+_input$/.test(file) && readInteger(`${path}/${file.replace('input', 'fault')}`) !== 1)
      .map((file) => ({ label: readWord(`${path}/${file.replace('input', 'label')}`), path: `${path}/${file}` }));
    return { chip: chipName(path), sensors };
  });
}

// Several disks have chips of one name: the disk's own name tells them apart.
function chipName(path: string): string {
  const name = readWord(`${path}/name`) || 'sensor';
  if (name === 'nvme') return /^nvme\d+$/.exec(readLinkName(`${path}/device`))?.[0] ?? name;
  if (name === 'drivetemp') return readNames(`${path}/device/block`)[0] ?? name;
  return name;
}

function withLabels({ chip, sensors }: Chip): Sensor[] {
  return sensors.map(({ label, path }) => {
    const number = /temp(\d+)_input$/.exec(path)?.[1] ?? '';
    if (label === '' && sensors.length === 1) return { name: chip, path };
    return { name: `${chip} ${label || `temp${number}`}`, path };
  });
}

function findZones(folder: string, known: ReadonlySet<string>): Sensor[] {
  return readNames(folder)
    .filter((entry) => entry.startsWith('thermal_zone'))
    .map((entry) => ({ name: readWord(`${folder}/${entry}/type`) || entry, path: `${folder}/${entry}/temp` }))
    .filter(({ name }) => !empty.test(name) && !known.has(plain(twins.get(name) ?? name)));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}

function rank(name: string): number {
  if (/ Core \d+$/.test(name)) return 2;
  return processor.test(name) ? 0 : 1;
}
