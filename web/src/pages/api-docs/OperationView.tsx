import { useState } from 'react';
import { SchemaView, typeText } from './SchemaView';
import { refName, type ApiDocument, type Operation } from './document';
import classes from './ApiDocs.module.css';

function Details({ document, operation }: { document: ApiDocument; operation: Operation }) {
  return (
    <div className={classes.details}>
      {operation.description && <p>{operation.description}</p>}
      <p className={classes.dim}>
        <code>{operation.id}</code>
        {operation.permission && (
          <>
            , needs <code>{operation.permission}</code>
          </>
        )}
        {operation.alias && (
          <>
            , the same as <code>{operation.alias}</code>
          </>
        )}
      </p>
      {operation.parameters.length > 0 && (
        <>
          <h4>Parameters</h4>
          <ul className={classes.members}>
            {operation.parameters.map((parameter) => (
              <li key={`${parameter.in}:${parameter.name}`}>
                <code className={classes.member}>{parameter.name}</code>{' '}
                <span className={classes.dim}>
                  in {parameter.in}
                  {parameter.schema && `, ${typeText(document, parameter.schema)}`}
                  {parameter.required ? ', required' : ''}
                </span>
                {parameter.description && <div className={classes.note}>{parameter.description}</div>}
              </li>
            ))}
          </ul>
        </>
      )}
      {operation.request && (
        <>
          <h4>Body: {refName(operation.request) ?? ''}</h4>
          <SchemaView document={document} schema={operation.request} />
        </>
      )}
      <h4>Answers</h4>
      {operation.responses.map((answer) => (
        <div key={answer.status}>
          <p>
            <code>{answer.status}</code> {answer.description}
          </p>
          {answer.schema && answer.status < '300' && (
            <SchemaView document={document} schema={answer.schema} />
          )}
        </div>
      ))}
    </div>
  );
}

export function OperationView({ document, operation }: { document: ApiDocument; operation: Operation }) {
  const [opened, setOpened] = useState(false);
  return (
    <li className={classes.operation}>
      <button
        type="button"
        className={classes.head}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        <span className={classes.method} data-method={operation.method}>
          {operation.method}
        </span>
        <code className={classes.path}>{operation.path}</code>
        <span className={classes.summary}>{operation.summary}</span>
      </button>
      {opened && <Details document={document} operation={operation} />}
    </li>
  );
}
