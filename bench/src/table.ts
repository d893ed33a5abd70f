import { type Goal, type Group, isMet, type Row, type Skipped, type Unit } from './area.js'
import type { Spread } from './spread.js'

/** A group as text for a terminal: a line a row, with what it leaves out beside its numbers. */
export function tableOf(group: Group | Skipped): string {
  if ('skipped' in group) return `\n${group.title}: skipped, ${group.skipped}`
  const head = ['', ...group.columns.map(({ title, unit }) => (unit === 'ratio' ? title : `${title}, ${unit}`)), '']
  const lines = [head, ...group.rows.map((row) => lineOf(row, group))]
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)))
  const text = lines.map((line) =>
    line
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
  return ['', group.title, ...text.map((line) => `  ${line}`), ...group.goals.map(goalLine)].join('\n')
}

function lineOf({ name, kind, remark, cells }: Row, { columns }: Group): string[] {
  const label = kind === 'floor' || kind === 'bare' ? `${name} (${kind})` : name
  return [label, ...columns.map(({ unit }, at) => shown(cells[at], unit)), remark ?? '']
}

function goalLine(goal: Goal): string {
  return `  ${isMet(goal) ? 'met   ' : 'missed'} ${goal.text}: ${number(goal.reached)}`
}

/** The median, and in brackets the least and the most. */
export function shown(spread: Spread | undefined, unit: Unit): string {
  if (spread === undefined) return '-'
  const digits = (value: number) => (unit === 'per second' || unit === 'bytes' ? grouped(value) : number(value))
  const { median, min, max } = spread
  return min === max ? digits(median) : `${digits(median)} (${digits(min)}–${digits(max)})`
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** Three digits that count. */
export function number(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return grouped(value)
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 4)
}
