-- A forum, PostgreSQL
CREATE TYPE topic_state AS ENUM ('open', 'locked', 'archived');
CREATE DOMAIN handle AS varchar(30) CHECK (VALUE ~ '^[a-z0-9_]+$');
CREATE TABLE users (
  id bigserial PRIMARY KEY,
  handle handle NOT NULL UNIQUE,
  email text NOT NULL UNIQUE,
  password_hash text NOT NULL,
  reputation integer NOT NULL DEFAULT 0 CHECK (reputation >= 0),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE forums (id bigserial PRIMARY KEY, name varchar(80) NOT NULL, parent_id bigint REFERENCES forums ON DELETE SET NULL);
CREATE TABLE topics (
  id bigserial PRIMARY KEY,
  forum_id bigint NOT NULL REFERENCES forums (id) ON DELETE CASCADE,
  author_id bigint NOT NULL REFERENCES users (id),
  title varchar(200) NOT NULL CHECK (length(title) BETWEEN 3 AND 200),
  state topic_state NOT NULL DEFAULT 'open',
  score numeric(6,2) NOT NULL DEFAULT 0,
  stars smallint CHECK (stars IN (1,2,3,4,5)),
  kind text NOT NULL DEFAULT 'question' CHECK (kind IN ('question','news')),
  tags text[] NOT NULL DEFAULT '{}',
  meta jsonb,
  slug text GENERATED ALWAYS AS (lower(title)) STORED,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (forum_id, title),
  CONSTRAINT sane CHECK (updated_at >= created_at)
);
CREATE TABLE labels (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE topic_labels (topic_id bigint REFERENCES topics ON DELETE CASCADE, label_id int REFERENCES labels ON DELETE CASCADE, PRIMARY KEY (topic_id, label_id));
CREATE TABLE votes (user_id bigint REFERENCES users, topic_id bigint REFERENCES topics, value smallint NOT NULL, PRIMARY KEY (user_id, topic_id));
CREATE TABLE countries (code char(2) PRIMARY KEY, name text NOT NULL);
ALTER TABLE users ADD COLUMN country_code char(2) REFERENCES countries (code) ON UPDATE CASCADE;
CREATE INDEX topics_title ON topics USING gin (to_tsvector('english', title));
CREATE INDEX topics_meta ON topics USING gin (meta);
CREATE INDEX topics_author ON topics (author_id, created_at DESC);
CREATE UNIQUE INDEX topics_live ON topics (title) WHERE deleted_at IS NULL;
CREATE INDEX users_lower ON users (lower(email));
CREATE INDEX users_hash ON users USING hash (handle);
COMMENT ON TABLE topics IS 'What is talked about.';
COMMENT ON COLUMN topics.title IS 'Shown in lists; it''s short.';
CREATE VIEW hot AS SELECT * FROM topics WHERE score > 10;
CREATE FUNCTION touch() RETURNS trigger AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END; $$ LANGUAGE plpgsql;
CREATE TRIGGER touch BEFORE UPDATE ON topics FOR EACH ROW EXECUTE FUNCTION touch();
CREATE SEQUENCE invoice_numbers START 1000;
INSERT INTO labels (name) VALUES ('bug; really'), ('idea');
INSERT INTO labels (name) VALUES ('x');
GRANT SELECT ON topics TO reader;
