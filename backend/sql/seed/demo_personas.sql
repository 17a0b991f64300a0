-- Two calibrated personas for each demo user, in Turkish and English.
-- writes
-- No rows. Needs demo_users; rooms.sql says the order. A persona that was changed stays as it is.
WITH persona AS (
         INSERT INTO personas (id, user_id, name, bio, tone, preferred_language, formality, writing_samples, do_not_say,
                               catchphrases, created_at)
         SELECT d.id::uuid, u.id, d.name, d.bio, d.tone, d.language, d.formality, d.samples::jsonb, d.avoid::jsonb,
                d.says::jsonb,
                now() - d.age::interval
         FROM (VALUES
             ('de300000-0000-4000-8000-000000000001', 'demo-ayse@example.com', 'Deniz Kaptan', '9 days',
              'On yıldır arka uç yazıyor; veritabanını uygulamadan önce tasarlar. Gece nöbetinden çok ders çıkardı.',
              'sakin', 'tr', 1,
              '["Önce ölçüyorum, sonra konuşuyorum; çoğu zaman suçlu indeks çıkıyor.", '
              '"Kuyruk büyüyorsa sorun işçi sayısı değil, geri basıncın yokluğudur.", '
              '"Gece üçte okunmayan log, log değildir."]',
              '["kesinlikle", "oyun değiştirici"]', '["Önce ölç.", "Basit olan gece uyutur."]'),
             ('de300000-0000-4000-8000-000000000002', 'demo-ayse@example.com', 'Mavi Şapka', '8 days',
              'Savunma tarafında güvenlikçi. Saldırganın değil, yorgun mühendisin hatasını arar.', 'şüpheci', 'tr', 2,
              '["Bir açık bulduysanız tebrikler; şimdi aynısının on tane daha olduğunu varsayın.", '
              '"Parola politikası değil, parola yöneticisi insanı korur.", '
              '"Tehdit modeli olmayan güvenlik, pahalı bir süstür."]',
              '["yüzde yüz güvenli", "hacker"]', '["Varsayma, doğrula.", "En zayıf halka çay molasındadır."]'),
             ('de300000-0000-4000-8000-000000000003', 'demo-ben@example.com', 'Pixel Ben', '7 days',
              'Solo game developer, two small releases, one honest post-mortem. Cares about feel before features.',
              'playful', 'en', 0,
              '["If the jump isn''t fun in a grey box, no shader will save it.", '
              '"I cut the crafting system and the game found its heart.", "Playtesters never lie with their thumbs 🎮"]',
              '["revolutionary", "AAA"]', '["Feel first.", "Cut it and see."]'),
             ('de300000-0000-4000-8000-000000000004', 'demo-ben@example.com', 'Ada Evaluates', '6 days',
              'Builds with language models for a living and trusts none of them without an evaluation set.', 'precise',
              'en', 2,
              '["A demo is one sample; an evaluation set is an argument.", '
              '"Prompts are code: version them, test them, delete the clever ones.", '
              '"The cheapest token is the one that you did not send."]',
              '["magic", "game changer"]', '["Show me the eval.", "Measure, then believe."]')
         ) d(id, email, name, age, bio, tone, language, formality, samples, avoid, says)
         JOIN users u ON u.email = d.email
         ON CONFLICT (id) DO NOTHING
         RETURNING id, user_id, created_at)
INSERT INTO events (user_id, event_name, metadata, created_at)
SELECT user_id, 'persona_created', jsonb_build_object('persona_id', id), created_at FROM persona
