/** What is the own of the page of a model, over the common design. */
export const modelStyle = `
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: var(--space-1) var(--space-4); } .facts dt { font-weight: 600; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 var(--space-4); align-items: start; margin-top: var(--space-4); }
@media (max-width: 760px) { .columns { grid-template-columns: minmax(0, 1fr); } .facts { grid-template-columns: minmax(0, 1fr); gap: 0; } .facts dd { margin-bottom: var(--space-2); } }
.signature th, .signature td { padding-top: 3px; white-space: nowrap; } .card { align-content: start; }
.operators { width: 100%; } .operators th { font-weight: 400; white-space: nowrap; } .operators td.track { width: 50%; padding: 6px 0; }
.fill { display: block; height: 8px; min-width: 2px; border-radius: 3px; background: var(--line-0); } .sharing { margin-top: var(--space-3); }
.tall { max-height: 520px; }
`;
