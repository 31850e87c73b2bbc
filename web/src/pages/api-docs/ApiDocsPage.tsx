import { Tabs, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useNavigate, useParams } from 'react-router-dom';
import { Markdown } from '@/components/markdown/Markdown';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { usePageTitle } from '@/lib/usePageTitle';
import { ApiDocument, type DocumentName } from './document';
import { OperationView } from './OperationView';
import classes from './ApiDocs.module.css';

const documents: { name: DocumentName; label: string }[] = [
  { name: 'hub', label: 'Hub API' },
  { name: 'registry', label: 'Registry API' },
];

function Contents({ document }: { document: ApiDocument }) {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const operations = useMemo(() => document.operations(), [document]);
  const found = operations.filter(({ path, summary, id, method }) =>
    `${method} ${path} ${summary} ${id}`.toLowerCase().includes(wanted),
  );
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return (
    <>
      <details className={classes.intro}>
        <summary>How to use this API</summary>
        <Markdown text={document.description} />
      </details>
      <TextInput
        type="search"
        aria-label="Find an operation"
        placeholder="Find an operation by path, name or words"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {tags.map((tag) => {
        const list = found.filter((operation) => operation.tag === tag);
        if (list.length === 0) return null;
        return (
          <section key={tag} aria-label={tag}>
            <h2 className={classes.tag}>
              {(document.tags.find(({ name }) => name === tag)?.description ?? tag).replace(/\.$/, '')}
            </h2>
            <ul className={classes.list}>
              {list.map((operation) => (
                <OperationView key={operation.id} document={document} operation={operation} />
              ))}
            </ul>
          </section>
        );
      })}
      {found.length === 0 && <p>No operation matches.</p>}
    </>
  );
}

export function Component() {
  usePageTitle('API');
  const navigate = useNavigate();
  const { document: chosen } = useParams();
  const name = documents.find((each) => each.name === chosen)?.name ?? 'hub';
  const query = useQuery({
    queryKey: ['openapi', name],
    queryFn: () => ApiDocument.load(name),
    staleTime: Infinity,
  });
  return (
    <Page
      title="API"
      description={
        <>
          The whole contract of this server, also as <a href={`/openapi/${name}.yaml`}>OpenAPI document</a>.
        </>
      }
    >
      <Tabs value={name} onChange={(value) => navigate(`/docs/api/${value}`)}>
        <Tabs.List aria-label="Document">
          {documents.map((each) => (
            <Tabs.Tab key={each.name} value={each.name}>
              {each.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {documents.map((each) => (
          <Tabs.Panel key={each.name} value={each.name} pt="md">
            {each.name === name && (
              <div className={classes.contents}>
                <Query query={query}>{(document) => <Contents document={document} />}</Query>
              </div>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
