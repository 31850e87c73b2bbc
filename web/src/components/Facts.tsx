import { Fragment, type ReactNode } from 'react';
import classes from './Facts.module.css';

export type Fact = readonly [name: string, value: ReactNode];

const isKnown = ([, value]: Fact) => Boolean(value) || value === 0;

// Names beside their values; what is not known is left out.
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.filter(isKnown).map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

// A page's key figures side by side, each under its name.
export function Figures({ figures }: { figures: readonly Fact[] }) {
  return (
    <dl className={classes.figures}>
      {figures.filter(isKnown).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
