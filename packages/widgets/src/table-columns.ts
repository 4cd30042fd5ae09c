import { formatterOf, type Formatter } from './format.ts'

/** One column of a table. */
export interface TableColumn {
  /** The field it shows; null: its cells are copies of a template. */
  readonly field: string | null
  readonly label: string
  readonly formatter: Formatter
  readonly template: HTMLTemplateElement | null
  readonly className: string
  /** Numbers stand at the end of their cells, so that their digits stand below each other. */
  readonly isNumber: boolean
}

const NUMBERS = /[0#]/

/**
 * The columns of a table: its `<sf-column field="spent" label="Spent" format="#,##0.00">` children (with a `<template>` for cells that are more than
 * a value), or its attribute `columns="name,spent"`.
 */
export function columnsOf(table: HTMLElement, language: string | undefined): TableColumn[] {
  const children = [...table.querySelectorAll<HTMLElement>(':scope > sf-column')]
  if (children.length > 0) return children.map((child) => columnOf(child, language))
  const names = (table.getAttribute('columns') ?? '').split(',').map((name) => name.trim())
  return names.filter((name) => name !== '').map((name) => plainColumn(name, language))
}

function columnOf(element: HTMLElement, language: string | undefined): TableColumn {
  const field = element.getAttribute('field')
  const format = element.getAttribute('format')
  return {
    field,
    label: element.getAttribute('label') ?? labelOf(field ?? ''),
    formatter: formatterOf(format, language),
    template: element.querySelector('template'),
    className: element.className,
    isNumber: format !== null && NUMBERS.test(format),
  }
}

function plainColumn(field: string, language: string | undefined): TableColumn {
  return { field, label: labelOf(field), formatter: formatterOf(null, language), template: null, className: '', isNumber: false }
}

/** `placed_at` → `Placed at` */
function labelOf(field: string): string {
  const words = field.replaceAll('_', ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
