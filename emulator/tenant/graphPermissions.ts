import type { AppRole, PermissionScope } from "./tenant";

/**
 * The most used permissions of Microsoft Graph: name, GUID as application permission (app role), GUID as
 * delegated permission (scope); `-` where a kind does not exist. Every permission that can take over a tenant is
 * among them, so that a local run rejects them as a real tenant does.
 *
 * @see https://learn.microsoft.com/graph/permissions-reference (read 2026-11)
 */
const table = `
AccessReview.Read.All d07a8cc0-3d51-4b77-b3b0-32704d1f69fa ebfcd32b-babb-40f4-a14b-42706e83bd28
AccessReview.ReadWrite.All ef5f7d5c-338f-44b0-86c3-351f46c8bb5f e4aa47b9-9a69-4109-82ed-36ec70d85ff1
AccessReview.ReadWrite.Membership 18228521-a591-40f1-b215-5fad4488c117 5af8c3f5-baca-439a-97b0-ea58a435e269
AdministrativeUnit.Read.All 134fd756-38ce-4afd-ba33-e9623dbe66c2 3361d15d-be43-4de6-b441-3c746d05163d
AdministrativeUnit.ReadWrite.All 5eb59dd3-1da2-4329-8733-9dabdc435916 7b8a2d34-6b3f-4542-a343-54651608ad81
Agreement.Read.All 2f3e6f8c-093b-4c57-a58b-ba5ce494a169 af2819c9-df71-4dd3-ade7-4d7c9dc653b7
Agreement.ReadWrite.All c9090d00-6101-42f0-a729-c41074260d47 ef4b5d93-3104-4664-9053-a5c49ab44218
AppCatalog.Read.All e12dae10-5a57-4817-b79d-dfbec5348930 88e58d74-d3df-44f3-ad47-e89edf4472e4
AppCatalog.ReadWrite.All dc149144-f292-421e-b185-5953f2e98d7f 1ca167d5-1655-44a1-8adf-1414072e1ef9
AppCatalog.Submit - 3db89e36-7fa6-4012-b281-85f3d9d9fd2e
Application.Read.All 9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30 c79f8feb-a9db-4090-85f9-90d820caa0eb
Application.ReadWrite.All 1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9 bdfbf15f-ee85-4955-8675-146e8e5296b5
Application.ReadWrite.OwnedBy 18a4783c-866b-4cc7-a460-3d5e5662c884 -
AppRoleAssignment.ReadWrite.All 06b708a9-e830-4db3-a914-8e69da51d44f 84bccea3-f856-4a8a-967b-dbe0a3d53a64
AuditLog.Read.All b0afded3-3588-46d8-8b3d-9842eff778da e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20
AuditLogsQuery.Read.All 5e1e9171-754d-478c-812c-f1755a9a4c2d 1d9e7ac3-0eca-442c-82f9-e92625af6e6d
AuthenticationContext.Read.All 381f742f-e1f8-4309-b4ab-e3d91ae4c5c1 57b030f1-8c35-469c-b0d9-e4a077debe70
AuthenticationContext.ReadWrite.All a88eef72-fed0-4bf7-a2a9-f19df33f8b83 ba6d575a-1344-4516-b777-1404f5593057
BitlockerKey.Read.All 57f1cf28-c0c4-4ec3-9a30-19a2eaaf2f6e b27a61ec-b99c-4d6a-b126-c4375d08ae30
BitlockerKey.ReadBasic.All f690d423-6b29-4d04-98c6-694c42282419 5a107bfc-4f00-4e1a-b67e-66451267bc68
Bookings.Manage.All 6b22000a-1228-42ec-88db-b8c00399aecb 7f36b48e-542f-4d3b-9bcb-8406f0ab9fdb
Bookings.Read.All 6e98f277-b046-4193-a4f2-6bf6a78cd491 33b1df99-4b29-4548-9339-7a7b83eaeebc
Bookings.ReadWrite.All 0c4b2d20-7919-468d-8668-c54b09d4dee8 948eb538-f19d-4ec5-9ccc-f059e1ea4c72
Calendars.Read 798ee544-9d2d-430c-a058-570e29e34338 465a38f9-76ea-45b9-9f34-9e8b0d4b0b42
Calendars.Read.Shared - 2b9c4092-424d-4249-948d-b43879977640
Calendars.ReadBasic - 662d75ba-a364-42ad-adee-f5f880ea4878
Calendars.ReadBasic.All 8ba4a692-bc31-4128-9094-475872af8a53 -
Calendars.ReadWrite ef54d2bf-783f-4e0f-bca1-3210c0444d99 1ec239c2-d7c9-4623-a91a-a9775856bb36
Calendars.ReadWrite.Shared - 12466101-c9b8-439a-8589-dd09ee67e8e9
CallRecords.Read.All 45bbb07e-7321-4fd7-a8f6-3ff27e6a81c8 -
Calls.AccessMedia.All a7a681dc-756e-4909-b988-f160edc6655f -
Calls.Initiate.All 284383ee-7f6e-4e40-a2a8-e85dcb029101 -
Calls.InitiateGroupCall.All 4c277553-8a09-487b-8023-29ee378d8324 -
Calls.JoinGroupCall.All f6b49018-60ab-4f81-83bd-22caeabfed2d -
Calls.JoinGroupCallAsGuest.All fd7ccf6b-3d28-418b-9701-cd10f5cd2fd4 -
Channel.Create f3a65bd4-b703-46df-8f7e-0174fea562aa 101147cf-4178-4455-9d58-02b5c164e759
Channel.Delete.All 6a118a39-1227-45d4-af0c-ea7b40d210bc cc83893a-e232-4723-b5af-bd0b01bcfe65
Channel.ReadBasic.All 59a6b24b-4225-4393-8165-ebaec5f55d7a 9d8982ae-4365-4f57-95e9-d6032a4c0b87
ChannelMember.Read.All 3b55498e-47ec-484f-8136-9013221c06a9 2eadaff8-0bce-4198-a6b9-2cfc35a30075
ChannelMember.ReadWrite.All 35930dcf-aceb-4bd1-b99a-8ffed403c974 0c3e411a-ce45-4cd1-8f30-f99a3efa7b11
ChannelMessage.Edit - 2b61aa8a-6d36-4b2f-ac7b-f29867937c53
ChannelMessage.Read.All 7b2449af-6ccd-4f4d-9f78-e550c193f0d1 767156cb-16ae-4d10-8f8b-41b657c8c8c8
ChannelMessage.ReadWrite - 5922d31f-46c8-4404-9eaf-2117e390a8a4
ChannelMessage.Send - ebf0f66e-9fb1-49e4-a278-222f76911cf4
ChannelMessage.UpdatePolicyViolation.All 4d02b0cc-d90b-441f-8d82-4fb55c34d6bb -
ChannelSettings.Read.All c97b873f-f59f-49aa-8a0e-52b32d762124 233e0cf1-dd62-48bc-b65b-b38fe87fcf8e
ChannelSettings.ReadWrite.All 243cded2-bd16-4fd6-a953-ff8177894c3d d649fb7c-72b4-4eec-b2b4-b15acf79e378
Chat.Create d9c48af6-9ad9-47ad-82c3-63757137b9af 38826093-1258-4dea-98f0-00003be2b8d0
Chat.ManageDeletion.All 9c7abde0-eacd-4319-bf9e-35994b1a1717 bb64e6fc-6b6d-4752-aea0-dd922dbba588
Chat.Read - f501c180-9344-439a-bca0-6cbf209fd270
Chat.Read.All 6b7d71aa-70aa-4810-a8d9-5d9fb2830017 -
Chat.Read.WhereInstalled 1c1b4c8e-3cc7-4c58-8470-9b92c9d5848b -
Chat.ReadBasic - 9547fcb5-d03f-419d-9948-5928bbf71b0f
Chat.ReadBasic.All b2e060da-3baf-4687-9611-f4ebc0f0cbde -
Chat.ReadBasic.WhereInstalled 818ba5bd-5b3e-4fe0-bbe6-aa4686669073 -
Chat.ReadWrite - 9ff7295e-131b-4d94-90e1-69fde507ac11
Chat.ReadWrite.All 294ce7c9-31ba-490a-ad7d-97a7d075e4ed 7e9a077b-3711-42b9-b7cb-5fa5f3f7fea7
Chat.ReadWrite.WhereInstalled ad73ce80-f3cd-40ce-b325-df12c33df713 -
Chat.UpdatePolicyViolation.All 7e847308-e030-4183-9899-5235d7270f58 -
ChatMember.Read - c5a9e2b1-faf6-41d4-8875-d381aa549b24
ChatMember.Read.All a3410be2-8e48-4f32-8454-c29a7465209d -
ChatMember.Read.WhereInstalled 93e7c9e4-54c5-4a41-b796-f2a5adaacda7 -
ChatMember.ReadWrite - dea13482-7ea6-488f-8b98-eb5bbecf033d
ChatMember.ReadWrite.All 57257249-34ce-4810-a8a2-a03adf0c5693 -
ChatMember.ReadWrite.WhereInstalled e32c2cd9-0124-4e44-88fc-772cd98afbdb -
ChatMessage.Read - cdcdac3a-fd45-410d-83ef-554db620e5c7
ChatMessage.Read.All b9bb2381-47a4-46cd-aafb-00cb12f68504 -
ChatMessage.Send - 116b7235-7cc6-461e-b163-8e55691d839e
ConsentRequest.Create - f2143d35-9b4b-480d-951c-d083e69eeb2c
ConsentRequest.Read - 5942b2f6-5a7b-40af-aa37-4b6ea5447506
ConsentRequest.Read.All 1260ad83-98fb-4785-abbb-d6cc1806fd41 f3bfad56-966e-4590-a536-82ecf548ac1e
ConsentRequest.ReadApprove.All - e694a3a1-7878-46d8-8c29-3d195f6589f4
ConsentRequest.ReadWrite.All 9f1b81a7-0223-4428-bfa4-0bcb5535f27d 497d9dfa-3bd1-481a-baab-90895e54568c
Contacts.Read 089fe4d0-434a-44c5-8827-41ba8a0b17f5 ff74d97f-43af-4b68-9f2a-b77ee6968c5d
Contacts.Read.Shared - 242b9d9e-ed24-4d09-9a52-f43769beb9d4
Contacts.ReadWrite 6918b873-d17a-4dc1-b314-35f528134491 d56682ec-c09e-4743-aaf4-1a3aac4caa21
Contacts.ReadWrite.Shared - afb6c84b-06be-49af-80bb-8f3f77004eab
CrossTenantInformation.ReadBasic.All cac88765-0581-4025-9725-5ebc13f729ee 81594d25-e88e-49cf-ac8c-fecbff49f994
CrossTenantUserProfileSharing.Read - cb1ba48f-d22b-4325-a07f-74135a62ee41
CrossTenantUserProfileSharing.Read.All 8b919d44-6192-4f3d-8a3b-f86f8069ae3c 759dcd16-3c90-463c-937e-abf89f991c18
CrossTenantUserProfileSharing.ReadWrite - eed0129d-dc60-4f30-8641-daf337a39ffd
CrossTenantUserProfileSharing.ReadWrite.All 306785c5-c09b-4ba0-a4ee-023f3da165cb 64dfa325-cbf8-48e3-938d-51224a0cac01
CustomSecAttributeAssignment.Read.All 3b37c5a4-1226-493d-bec3-5d6c6b866f3f b46ffa80-fe3d-4822-9a1a-c200932d54d0
CustomSecAttributeAssignment.ReadWrite.All de89b5e4-5b8f-48eb-8925-29c2b33bd8bd ca46335e-8453-47cd-a001-8459884efeae
CustomSecAttributeDefinition.Read.All b185aa14-d8d2-42c1-a685-0f5596613624 ce026878-a0ff-4745-a728-d4fedd086c07
CustomSecAttributeDefinition.ReadWrite.All 12338004-21f4-4896-bf5e-b75dfaf1016d 8b0160d4-5743-482b-bb27-efc0a485ca4a
DelegatedAdminRelationship.Read.All f6e9e124-4586-492f-adc0-c6f96e4823fd 0c0064ea-477b-4130-82a5-4c2cc4ff68aa
DelegatedAdminRelationship.ReadWrite.All cc13eba4-8cd8-44c6-b4d4-f93237adce58 885f682f-a990-4bad-a642-36736a74b0c7
DelegatedPermissionGrant.Read.All 81b4724a-58aa-41c1-8a55-84ef97466587 a197cdc4-a8e8-4d49-9d35-4ca7c83887b4
DelegatedPermissionGrant.ReadWrite.All 8e8e4742-1d95-4f68-9d56-6ee75648c72a 41ce6ca6-6826-4807-84f1-1c82854f7ee5
Device.Command - bac3b9c2-b516-4ef4-bd3b-c2ef73d8d804
Device.CreateFromOwnedTemplate - edc92e89-a987-48a9-911a-a7b1967dd7b1
Device.Read - 11d4cd79-5ba5-460f-803f-e22c8ab85ccd
Device.Read.All 7438b122-aefc-4978-80ed-43db9fcc7715 951183d1-1a61-466f-a6d1-1fde911bfd95
Device.ReadWrite.All 1138cb37-bd11-4084-a2b7-9f71582aeddb -
DeviceLocalCredential.Read.All 884b599e-4d48-43a5-ba94-15c414d00588 280b3b69-0437-44b1-bc20-3b2fca1ee3e9
DeviceLocalCredential.ReadBasic.All db51be59-e728-414b-b800-e0f010df1a79 9917900e-410b-4d15-846e-42a357488545
DeviceManagementApps.Read.All 7a6ee1e7-141e-4cec-ae74-d9db155731ff 4edf5f54-4666-44af-9de9-0144fb4b6e8c
DeviceManagementApps.ReadWrite.All 78145de6-330d-4800-a6ce-494ff2d33d07 7b3f05d5-f68c-4b8d-8c59-a2ecd12f24af
DeviceManagementConfiguration.Read.All dc377aa6-52d8-4e23-b271-2a7ae04cedf3 f1493658-876a-4c87-8fa7-edb559b3476a
DeviceManagementConfiguration.ReadWrite.All 9241abd9-d0e6-425a-bd4f-47ba86e767a4 0883f392-0a7a-443d-8c76-16a6d39c7b63
DeviceManagementManagedDevices.PrivilegedOperations.All 5b07b0dd-2377-4e44-a38d-703f09a0dc3c 3404d2bf-2b13-457e-a330-c24615765193
DeviceManagementManagedDevices.Read.All 2f51be20-0bb4-4fed-bf7b-db946066c75e 314874da-47d6-4978-88dc-cf0d37f0bb82
DeviceManagementManagedDevices.ReadWrite.All 243333ab-4d21-40cb-a475-36241daa0842 44642bfe-8385-4adc-8fc6-fe3cb2c375c3
DeviceManagementRBAC.Read.All 58ca0d9a-1575-47e1-a3cb-007ef2e4583b 49f0cc30-024c-4dfd-ab3e-82e137ee5431
DeviceManagementRBAC.ReadWrite.All e330c4f0-4170-414e-a55a-2f022ec2b57b 0c5e8a55-87a6-4556-93ab-adc52c4d862d
DeviceManagementServiceConfig.Read.All 06a5fe6d-c49d-46a7-b082-56b1b14103c7 8696daa5-bce5-4b2e-83f9-51b6defc4e1e
DeviceManagementServiceConfig.ReadWrite.All 5ac13192-7ace-4fcf-b828-1a26f28068ee 662ed50a-ac44-4eef-ad86-62eed9be2a29
Directory.AccessAsUser.All - 0e263e50-5827-48a4-b97c-d940288653c7
Directory.Read.All 7ab1d382-f21e-4acd-a863-ba3e13f7da61 06da0dbc-49e2-44d2-8312-53f166ab848a
Directory.ReadWrite.All 19dbc75e-c2e2-444c-a770-ec69d8559fc7 c5366453-9fb0-48a5-a156-24f0c49a4b84
DirectoryRecommendations.Read.All ae73097b-cb2a-4447-b064-5d80f6093921 34d3bd24-f6a6-468c-b67c-0c365c1d6410
DirectoryRecommendations.ReadWrite.All 0e9eea12-4f01-45f6-9b8d-3ea4c8144158 f37235e8-90a0-4189-93e2-e55b53867ccd
Domain.Read.All dbb9058a-0e50-45d7-ae91-66909b5d4664 2f9ee017-59c1-4f1d-9472-bd5529a7b311
Domain.ReadWrite.All 7e05723c-0bb0-42da-be95-ae9f08a6e53c 0b5d694c-a244-4bde-86e6-eb5cd07730fe
EAS.AccessAsUser.All - ff91d191-45a0-43fd-b837-bd682c4a0b0f
email - 64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0
EntitlementManagement.Read.All c74fd47d-ed3c-45c3-9a9e-b8676de685d2 5449aa12-1393-4ea2-a7c7-d0e06c1a56b2
EntitlementManagement.ReadWrite.All 9acd699f-1e81-4958-b001-93b1d2506e19 ae7a573d-81d7-432b-ad44-4ed5c9d89038
EventListener.Read.All b7f6385c-6ce6-4639-a480-e23c42ed9784 f7dd3bed-5eec-48da-bc73-1c0ef50bc9a1
EventListener.ReadWrite.All 0edf5e9e-4ce8-468a-8432-d08631d18c43 d11625a6-fe21-4fc6-8d3d-063eba5525ad
EWS.AccessAsUser.All - 9769c687-087d-48ac-9cb3-c37dde652038
ExternalConnection.Read.All 1914711b-a1cb-4793-b019-c2ce0ed21b8c a38267a5-26b6-4d76-9493-935b7599116b
ExternalConnection.ReadWrite.All 34c37bc0-2b40-4d5e-85e1-2365cd256d79 bbbbd9b3-3566-4931-ac37-2b2180d9e334
ExternalConnection.ReadWrite.OwnedBy f431331c-49a6-499f-be1c-62af19c34a9d 4082ad95-c812-4f02-be92-780c4c4f1830
ExternalItem.Read.All 7a7cffad-37d2-4f48-afa4-c6ab129adcc2 922f9392-b1b7-483c-a4be-0089be7704fb
ExternalItem.ReadWrite.All 38c3d6ee-69ee-422f-b954-e17819665354 b02c54f8-eb48-4c50-a9f0-a149e5a2012f
ExternalItem.ReadWrite.OwnedBy 8116ae0f-55c2-452d-9944-d18420f5b2c8 4367b9d7-cee7-4995-853c-a0bdfe95c1f9
Files.Read - 10465720-29dd-4523-a11a-6a75c743c9d9
Files.Read.All 01d4889c-1287-42c6-ac1f-5d1e02578ef6 df85f4d6-205c-4ac5-a5ea-6bf408dba283
Files.Read.Selected - 5447fe39-cb82-4c1a-b977-520e67e724eb
Files.ReadWrite - 5c28f0bf-8a70-41f1-8ab2-9032436ddb65
Files.ReadWrite.All 75359482-378d-4052-8f01-80520e7db3cd 863451e7-0667-486c-a5d6-d135439485f0
Files.ReadWrite.AppFolder b47b160b-1054-4efd-9ca0-e2f614696086 8019c312-3263-48e6-825e-2b833497195b
Files.ReadWrite.Selected - 17dde5bd-8c17-420f-a486-969730c1b827
Files.SelectedOperations.Selected bd61925e-3bf4-4d62-bc0b-06b06c96d95c ef2779dc-ef1b-4211-8310-8a0ac2450081
Group-Conversation.Read.All 4f0a8235-6f6f-4ec7-9500-34b452a4a0c3 c92fbbc2-50e0-4842-93ef-385c3293ea3d
Group-Conversation.ReadWrite.All 6679c91b-820a-4900-ab47-e97b197a89c4 302bcbb5-855a-4e49-ae20-94a331b0281e
Group.Create bf7b1a76-6e77-406b-b258-bf5c7720e98f -
Group.Read.All 5b567255-7703-4780-807c-7be8301ae99b 5f8c59db-677d-491f-a6b8-5f174b11ec1d
Group.ReadWrite.All 62a82d76-70ea-41e2-9197-370581804d09 4e46008b-f24c-477d-8fff-7bb4ec7aafe0
GroupMember.Read.All 98830695-27a2-44f7-8c18-0c3ebc9698f6 bc024368-1153-4739-b217-4326f2e966d0
GroupMember.ReadWrite.All dbaae8cf-10b5-4b86-a4a1-f871c94c6695 f81125ac-d3b7-4573-a3b2-7099cc39df9e
IdentityProvider.Read.All e321f0bb-e7f7-481e-bb28-e3b0b32d4bd0 43781733-b5a7-4d1b-98f4-e8edff23e1a9
IdentityProvider.ReadWrite.All 90db2b9a-d928-4d33-a4dd-8442ae3d41e4 f13ce604-1677-429f-90bd-8a10b9f01325
IdentityRiskEvent.Read.All 6e472fd1-ad78-48da-a0f0-97ab2c6b769e 8f6a01e7-0391-4ee5-aa22-a3af122cef27
IdentityRiskEvent.ReadWrite.All db06fb33-1953-4b7b-a2ac-f1e2c854f7ae 9e4862a5-b68f-479e-848a-4e07e25c9916
IdentityRiskyServicePrincipal.Read.All 607c7344-0eed-41e5-823a-9695ebe1b7b0 ea5c4ab0-5a73-4f35-8272-5d5337884e5d
IdentityRiskyServicePrincipal.ReadWrite.All cb8d6980-6bcb-4507-afec-ed6de3a2d798 bb6f654c-d7fd-4ae3-85c3-fc380934f515
IdentityRiskyUser.Read.All dc5007c0-2d7d-4c42-879c-2dab87571379 d04bb851-cb7c-4146-97c7-ca3e71baf56c
IdentityRiskyUser.ReadWrite.All 656f6061-f9fe-4807-9708-6a2e0934df76 e0a7cdbb-08b0-4697-8264-0069786e9674
IMAP.AccessAsUser.All - 652390e4-393a-48de-9484-05f9b1212954
LicenseAssignment.ReadWrite.All 5facf0c1-8979-4e95-abcf-ff3d079771c0 f55016cc-149c-447e-8f21-7cf3ec1d6350
LifecycleWorkflows.Read.All 7c67316a-232a-4b84-be22-cea2c0906404 9bcb9916-765a-42af-bf77-02282e26b01a
LifecycleWorkflows.ReadWrite.All 5c505cf4-8424-4b8e-aa14-ee06e3bb23e3 84b9d731-7db8-4454-8c90-fd9e95350179
ListItems.SelectedOperations.Selected de4e4161-a10a-4dfd-809c-e328d89aefeb d6d361b3-211a-4191-9fa7-15f72de4aac4
Lists.SelectedOperations.Selected 23c5a9bd-d900-4ecf-be26-a0689755d9e5 033b51ee-d6fa-4add-b627-ee680c7212b5
Mail.Read 810c84a8-4a9e-49e6-bf7d-12d183f40d01 570282fd-fa5c-430d-a7fd-fc8dc98a9dca
Mail.Read.Shared - 7b9103a5-4610-446b-9670-80643382c1fa
Mail.ReadBasic 6be147d2-ea4f-4b5a-a3fa-3eab6f3c140a a4b8392a-d8d1-4954-a029-8e668a39a170
Mail.ReadBasic.All 693c5e45-0940-467d-9b8a-1022fb9d42ef -
Mail.ReadBasic.Shared - b11fa0e7-fdb7-4dc9-b1f1-59facd463480
Mail.ReadWrite e2a3a72e-5f79-4c64-b1b1-878b674786c9 024d486e-b451-40bb-833d-3e66d98c5c73
Mail.ReadWrite.Shared - 5df07973-7d5d-46ed-9847-1271055cbd51
Mail.Send b633e1c5-b582-4048-a93e-9f11b44c7e96 e383f46e-2787-4529-855e-0e479a3ffac0
Mail.Send.Shared - a367ab51-6b49-43bf-a716-a1fb06d2a174
MailboxFolder.Read - 52dc2051-4958-4636-8f2a-281d39c6981c
MailboxFolder.Read.All 99280d24-a782-4793-93cc-0888549957f6 -
MailboxFolder.ReadWrite - 077fde41-7e0b-4c5b-bcd1-e9d743a30c80
MailboxFolder.ReadWrite.All fef87b92-8391-4589-9da7-eb93dab7dc8a -
MailboxItem.ImportExport - df96e8a0-f4e1-4ecf-8d83-a429f822cbd6
MailboxItem.ImportExport.All 76577085-e73d-4f1d-b26a-85fb33892327 -
MailboxItem.Read - 82305458-296d-4edd-8b0b-74dd74c34526
MailboxItem.Read.All 7d9f353d-a7bd-4fbb-822a-26d5dd39a3ce -
MailboxSettings.Read 40f97065-369a-49f4-947c-6a255697ae91 87f447af-9fa4-4c32-9dfa-4a57a73d18ce
MailboxSettings.ReadWrite 6931bccd-447a-43d1-b442-00a195474933 818c620a-27a9-40bd-a6a5-d96f7d610b4b
Member.Read.Hidden 658aa5d8-239f-45c4-aa12-864f4fc7e490 f6a3db3e-f7e8-4ed2-a414-557c8c9830be
MultiTenantOrganization.Read.All 4f994bc0-31bb-44bb-b480-7a7c1be8c02e 526aa72a-5878-49fe-bf4e-357973af9b06
MultiTenantOrganization.ReadBasic.All f9c2b2a7-3895-4b2e-80f6-c924b456e50b 225db56b-15b2-4daa-acb3-0eec2bbe4849
MultiTenantOrganization.ReadWrite.All 920def01-ca61-4d2d-b3df-105b46046a70 77af1528-84f3-4023-8d90-d219cd433108
Notes.Create - 9d822255-d64d-4b7a-afdb-833b9a97ed02
Notes.Read - 371361e4-b9e2-4a3f-8315-2a301a3b0a3d
Notes.Read.All 3aeca27b-ee3a-4c2b-8ded-80376e2134a4 dfabfca6-ee36-4db2-8208-7a28381419b3
Notes.ReadWrite - 615e26af-c38a-4150-ae3e-c3b0d4cb1d6a
Notes.ReadWrite.All 0c458cef-11f3-48c2-a568-c66751c238c0 64ac0503-b4fa-45d9-b544-71a463f05da0
Notes.ReadWrite.CreatedByApp - ed68249d-017c-4df5-9113-e684c7f8760b
offline_access - 7427e0e9-2fba-42fe-b0c0-848c9e6a8182
OnlineMeetingArtifact.Read.All df01ed3b-eb61-4eca-9965-6b3d789751b2 110e5abb-a10c-4b59-8b55-9b4daa4ef743
OnlineMeetingRecording.Read.All a4a08342-c95d-476b-b943-97e100569c8d 190c2bb6-1fdd-4fec-9aa2-7d571b5e1fe3
OnlineMeetings.Read - 9be106e1-f4e3-4df5-bdff-e4bc531cbe43
OnlineMeetings.Read.All c1684f21-1984-47fa-9d61-2dc8c296bb70 -
OnlineMeetings.ReadWrite - a65f2972-a4f8-4f5e-afd7-69ccb046d5dc
OnlineMeetings.ReadWrite.All b8bb2037-6e08-44ac-a4ea-4674e010e2a4 -
OnlineMeetingTranscript.Read.All a4a80d8d-d283-4bd8-8504-555ec3870630 30b87d18-ebb1-45db-97f8-82ccb1f0190c
OnPremDirectorySynchronization.Read.All bb70e231-92dc-4729-aff5-697b3f04be95 f6609722-4100-44eb-b747-e6ca0536989d
OnPremDirectorySynchronization.ReadWrite.All c22a92cc-79bf-4bb1-8b6c-e0a05d3d80ce c2d95988-7604-4ba1-aaed-38a5f82a51c7
openid - 37f7f235-527c-4136-accd-4a02d197296e
Organization.Read.All 498476ce-e0fe-48b0-b801-37ba7e2685c6 4908d5b9-3fb2-4b1e-9336-1888b7937185
Organization.ReadWrite.All 292d869f-3427-49a8-9dab-8c70152b74e9 46ca0847-7e6b-426e-9775-ea810a948356
OrgContact.Read.All e1a88a34-94c4-4418-be12-c87b00e26bea 08432d1b-5911-483c-86df-7980af5cdee0
People.Read - ba47897c-39ec-4d83-8086-ee8256fa737d
People.Read.All b528084d-ad10-4598-8b93-929746b4d7d6 b89f9189-71a5-4e70-b041-9887f0bc7e4a
Place.Read.All 913b9306-0ce1-42b8-9137-6a7df690a760 cb8f45a0-5c2e-4ea1-b803-84b870a7d7ec
Place.ReadWrite.All - 4c06a06a-098a-4063-868e-5dfee3827264
Policy.Read.All 246dd0d5-5bd0-4def-940b-0421030a5b68 572fea84-0151-49b2-9301-11cb16974376
Policy.Read.ConditionalAccess 37730810-e9ba-4e46-b07e-8ca78d182097 633e0fce-8c58-4cfb-9495-12bbd5a24f7c
Policy.Read.DeviceConfiguration bdba4817-6ba1-4a7c-8a01-be9bc7c242dd 3616a4b0-6746-49c4-a678-4c237599074d
Policy.Read.IdentityProtection b21b72f6-4e6a-4533-9112-47eea9f97b28 d146432f-b803-4ed4-8d42-ba74193a6ede
Policy.Read.PermissionGrant 9e640839-a198-48fb-8b9a-013fd6f6cbcd 414de6ea-2d92-462f-b120-6e2a809a6d01
Policy.ReadWrite.AccessReview 77c863fd-06c0-47ce-a7eb-49773e89d319 4f5bc9c8-ea54-4772-973a-9ca119cb0409
Policy.ReadWrite.ApplicationConfiguration be74164b-cff1-491c-8741-e671cb536e13 b27add92-efb2-4f16-84f5-8108ba77985c
Policy.ReadWrite.AuthenticationFlows 25f85f3c-f66c-4205-8cd5-de92dd7f0cec edb72de9-4252-4d03-a925-451deef99db7
Policy.ReadWrite.AuthenticationMethod 29c18626-4985-4dcd-85c0-193eef327366 7e823077-d88e-468f-a337-e18f1f0e6c7c
Policy.ReadWrite.Authorization fb221be6-99f2-473f-bd32-01c6a0e9ca3b edd3c878-b384-41fd-95ad-e7407dd775be
Policy.ReadWrite.ConditionalAccess 01c0a623-fc9b-48e9-b794-0756f8e8f067 ad902697-1014-4ef5-81ef-2b4301988e8c
Policy.ReadWrite.ConsentRequest 999f8c63-0a38-4f1b-91fd-ed1947bdd1a9 4d135e65-66b8-41a8-9f8b-081452c91774
Policy.ReadWrite.CrossTenantAccess 338163d7-f101-4c92-94ba-ca46fe52447c 014b43d0-6ed4-4fc6-84dc-4b6f7bae7d85
Policy.ReadWrite.CrossTenantCapability a6325ae7-2b73-4dbd-abed-fbeacfbf8696 9ef7463f-1d39-406f-89ea-3483a4645e1c
Policy.ReadWrite.DeviceConfiguration 230fb2d5-aa21-49c1-bfa7-ae1be179d867 40b534c3-9552-4550-901b-23879c90bcf9
Policy.ReadWrite.ExternalIdentities 03cc4f92-788e-4ede-b93f-199424d144a5 b5219784-1215-45b5-b3f1-88fe1081f9c0
Policy.ReadWrite.FeatureRollout 2044e4f1-e56c-435b-925c-44cd8f6ba89a 92a38652-f13b-4875-bc77-6e1dbb63e1b2
Policy.ReadWrite.FedTokenValidation 90bbca0b-227c-4cdc-8083-1c6cfb95bac6 be1be369-4540-4ac9-8928-79de99f70d8f
Policy.ReadWrite.IdentityProtection 2dcf8603-09eb-4078-b1ec-d30a1a76b873 7256e131-3efb-4323-9854-cf41c6021770
Policy.ReadWrite.MobilityManagement - a8ead177-1889-4546-9387-f25e658e2a79
Policy.ReadWrite.PermissionGrant a402ca1c-2696-4531-972d-6e5ee4aa11ea 2672f8bb-fd5e-42e0-85e1-ec764dd2614e
Policy.ReadWrite.SecurityDefaults 1c6e93a6-28e2-4cbb-9f64-1a46a821124d 0b2a744c-2abf-4f1e-ad7e-17a087e2be99
Policy.ReadWrite.TrustFramework 79a677f7-b79d-40d0-a36a-3e6f8688dd7a cefba324-1a70-4a6e-9c1d-fd670b7ae392
POP.AccessAsUser.All - d7b7f2d9-0f45-4ea1-9d42-e50810c06991
Presence.Read - 76bc735e-aecd-4a1d-8b4c-2b915deabb79
Presence.Read.All a70e0c2d-e793-494c-94c4-118fa0a67f42 9c7a330d-35b3-4aa1-963d-cb2b9f927841
Presence.ReadWrite - 8d3c54a7-cf58-4773-bf81-c0cd6ad522bb
Presence.ReadWrite.All 83cded22-8297-4ff6-a7fa-e97e9545a259 -
PrivilegedAccess.Read.AzureAD 4cdc2547-9148-4295-8d11-be0db1391d6b b3a539c9-59cb-4ad5-825a-041ddbdc2bdb
PrivilegedAccess.Read.AzureADGroup 01e37dc9-c035-40bd-b438-b2879c4870a6 d329c81c-20ad-4772-abf9-3f6fdb7e5988
PrivilegedAccess.Read.AzureResources 5df6fe86-1be0-44eb-b916-7bd443a71236 1d89d70c-dcac-4248-b214-903c457af83a
PrivilegedAccess.ReadWrite.AzureAD 854d9ab1-6657-4ec8-be45-823027bcd009 3c3c74f5-cdaa-4a97-b7e0-4e788bfcfb37
PrivilegedAccess.ReadWrite.AzureADGroup 2f6817f8-7b12-4f0f-bc18-eeaf60705a9e 32531c59-1f32-461f-b8df-6f8a3b89f73b
PrivilegedAccess.ReadWrite.AzureResources 6f9d5abc-2db6-400b-a267-7de22a40fb87 a84a9652-ffd3-496e-a991-22ba5529156a
PrivilegedAssignmentSchedule.Read.AzureADGroup cd4161cb-f098-48f8-a884-1eda9a42434c 02a32cc4-7ab5-4b58-879a-0586e0f7c495
PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup 41202f2c-f7ab-45be-b001-85c9728b9d69 06dbc45d-6708-4ef0-a797-f797ee68bf4b
PrivilegedAssignmentSchedule.Remove.AzureADGroup 55d1104b-3821-413d-b3ca-e2393d333cd3 ca5fe595-68ff-4dfd-907d-4509501a0e49
PrivilegedEligibilitySchedule.Read.AzureADGroup edb419d6-7edc-42a3-9345-509bfdf5d87c 8f44f93d-ecef-46ae-a9bf-338508d44d6b
PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup 618b6020-bca8-4de6-99f6-ef445fa4d857 ba974594-d163-484e-ba39-c330d5897667
PrivilegedEligibilitySchedule.Remove.AzureADGroup 55745561-7572-4314-a737-a2c2a1b0dd2e c5ea9ab4-9b41-4c09-a400-53e652fb5096
profile - 14dad69e-099b-42c9-810b-d002981feec1
ProfilePhoto.Read.All e24d31aa-e1ab-4c80-85fe-23018690335d 469cd065-729e-4dee-b1fa-d92e0fab6310
ProfilePhoto.ReadWrite.All 27baa7f6-5dfb-4ba8-b1d3-1e812c143013 f5b24df7-511e-48bb-ae88-643f023b55e1
PublicKeyInfrastructure.Read.All 214fda0c-514a-4650-b037-b562b1a66124 04a4b2a2-3f26-4fc8-87ee-9c46e68db175
PublicKeyInfrastructure.ReadWrite.All a2b63618-5350-462d-b1b3-ba6eb3684e26 3591b7f3-dba8-4bad-b667-7a64bd4f2b83
Reports.Read.All 230c1aed-a721-4c5d-9cb4-a90514e508ef 02e97553-ed7b-43d0-ab3c-f8bace0d040c
ReportSettings.Read.All ee353f83-55ef-4b78-82da-555bfa2b4b95 84fac5f4-33a9-4100-aa38-a20c6d29e5e7
ReportSettings.ReadWrite.All 2a60023f-3219-47ad-baa4-40e17cd02a1d b955410e-7715-4a88-a940-dfd551018df3
RoleAssignmentSchedule.Read.Directory d5fe8ce8-684c-4c83-a52c-46e882ce4be1 344a729c-0285-42c6-9014-f12b9b8d6129
RoleAssignmentSchedule.ReadWrite.Directory dd199f4a-f148-40a4-a2ec-f0069cc799ec 8c026be3-8e26-4774-9372-8d5d6f21daff
RoleAssignmentSchedule.Remove.Directory d3495511-98b7-4df3-b317-4e35c19f6129 f71cd05c-3fdb-4568-aef2-e1cf62ee20d4
RoleEligibilitySchedule.Read.Directory ff278e11-4a33-4d0c-83d2-d01dc58929a5 eb0788c2-6d4e-4658-8c9e-c0fb8053f03d
RoleEligibilitySchedule.ReadWrite.Directory fee28b28-e1f3-4841-818e-2704dc62245f 62ade113-f8e0-4bf9-a6ba-5acb31db32fd
RoleEligibilitySchedule.Remove.Directory 79c7e69c-0d9f-4eff-97a8-49170a5a08ba 58ac4fa2-b484-4d6e-ba97-beee2a574220
RoleManagement.Read.All c7fbd983-d9aa-4fa7-84b8-17382c103bc4 48fec646-b2ba-4019-8681-8eb31435aded
RoleManagement.Read.CloudPC 031a549a-bb80-49b6-8032-2068448c6a3c 9619b88a-8a25-48a7-9571-d23be0337a79
RoleManagement.Read.Defender 4d6e30d1-e64e-4ae7-bf9d-c706cc928cef dd689728-6eb8-4deb-bd38-2924a935f3de
RoleManagement.Read.Directory 483bed4a-2ad3-4361-a73b-c83ccdbdc53c 741c54c3-0c1e-44a1-818b-3f97ab4e8c83
RoleManagement.Read.Exchange c769435f-f061-4d0b-8ff1-3d39870e5f85 3bc15058-7858-4141-b24f-ae43b4e80b52
RoleManagement.ReadWrite.CloudPC 274d0592-d1b6-44bd-af1d-26d259bcb43a 501d06f8-07b8-4f18-b5c6-c191a4af7a82
RoleManagement.ReadWrite.Defender 8b7e8c0a-7e9d-4049-97ec-04b5e1bcaf05 d8914f8f-9f64-4bd1-b4d3-f5a701ed8457
RoleManagement.ReadWrite.Directory 9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8 d01b97e9-cbc0-49fe-810a-750afd5527a3
RoleManagement.ReadWrite.Exchange 025d3225-3f02-4882-b4c0-cd5b541a4e80 c1499fe0-52b1-4b22-bed2-7a244e0e879f
RoleManagementAlert.Read.Directory ef31918f-2d50-4755-8943-b8638c0a077e cce71173-f76d-446e-97ff-efb2d82e11b1
RoleManagementAlert.ReadWrite.Directory 11059518-d6a6-4851-98ed-509268489c4a 435644c6-a5b1-40bf-8f52-fe8e5b53e19c
RoleManagementPolicy.Read.AzureADGroup 69e67828-780e-47fd-b28c-7b27d14864e6 7e26fdff-9cb1-4e56-bede-211fe0e420e8
RoleManagementPolicy.Read.Directory fdc4c997-9942-4479-bfcb-75a36d1138df 3de2cdbe-0ff5-47d5-bdee-7f45b4749ead
RoleManagementPolicy.ReadWrite.AzureADGroup b38dcc4d-a239-4ed6-aa84-6c65b284f97c 0da165c7-3f15-4236-b733-c0b0f6abe41d
RoleManagementPolicy.ReadWrite.Directory 31e08e0a-d3f7-4ca2-ac39-7343fb83e8ad 1ff1be21-34eb-448c-9ac9-ce1f506b2a68
Schedule.Read.All 7b2ebf90-d836-437f-b90d-7b62722c4456 fccf6dd8-5706-49fa-811f-69e2e1b585d0
Schedule.ReadWrite.All b7760610-0545-4e8a-9ec3-cce9e63db01c 63f27281-c9d9-4f29-94dd-6942f7f1feb0
SecurityActions.Read.All 5e0edab9-c148-49d0-b423-ac253e121825 1638cddf-07a4-4de2-8645-69c96cacad73
SecurityActions.ReadWrite.All f2bf083f-0179-402a-bedb-b2784de8a49b dc38509c-b87d-4da0-bd92-6bec988bac4a
SecurityAlert.Read.All 472e4a4d-bb4a-4026-98d1-0b0d74cb74a5 bc257fb8-46b4-4b15-8713-01e91bfbe4ea
SecurityAlert.ReadWrite.All ed4fca05-be46-441f-9803-1873825f8fdb 471f2a7f-2a42-4d45-a2bf-594d0838070d
SecurityEvents.Read.All bf394140-e372-4bf9-a898-299cfc7564e5 64733abd-851e-478a-bffb-e47a14b18235
SecurityEvents.ReadWrite.All d903a879-88e0-4c09-b0c9-82f6a1333f84 6aedf524-7e1c-45a7-bd76-ded8cab8d0fc
SecurityIncident.Read.All 45cc0394-e837-488b-a098-1918f48d186c b9abcc4f-94fc-4457-9141-d20ce80ec952
SecurityIncident.ReadWrite.All 34bf0e97-1971-4929-b999-9e2442d941d7 128ca929-1a19-45e6-a3b8-435ec44a36ba
ServiceHealth.Read.All 79c261e0-fe76-4144-aad5-bdc68fbe4037 55896846-df78-47a7-aa94-8d3d4442ca7f
ServiceMessage.Read.All 1b620472-6534-4fe6-9df2-4680e8aa28ec eda39fa6-f8cf-4c3c-a909-432c683e4c9b
ServicePrincipalEndpoint.Read.All 5256681e-b7f6-40c0-8447-2d9db68797a0 9f9ce928-e038-4e3b-8faf-7b59049a8ddc
ServicePrincipalEndpoint.ReadWrite.All 89c8469c-83ad-45f7-8ff2-6e3d4285709e 7297d82c-9546-4aed-91df-3d4f0a9b3ff0
SharePointTenantSettings.Read.All 83d4163d-a2d8-4d3b-9695-4ae3ca98f888 2ef70e10-5bfd-4ede-a5f6-67720500b258
SharePointTenantSettings.ReadWrite.All 19b94e34-907c-4f43-bde9-38b1909ed408 aa07f155-3612-49b8-a147-6c590df35536
Sites.FullControl.All a82116e5-55eb-4c41-a434-62fe8a61c773 5a54b8b3-347c-476d-8f8e-42d5c7424d29
Sites.Manage.All 0c0bf378-bf22-4481-8f81-9e89a9b4960a 65e50fdc-43b7-4915-933e-e8138f11f40a
Sites.Read.All 332a536c-c7ef-4017-ab91-336970924f0d 205e70e5-aba6-4c52-a976-6d2d46c48043
Sites.ReadWrite.All 9492366f-7969-46a4-8d15-ed1a20078fff 89fe6a52-be36-487e-b7d8-d061c450a026
Sites.Selected 883ea226-0bf2-4a8f-9f9d-92c9162a727d f89c84ef-20d0-4b54-87e9-02e856d66d53
SMTP.Send - 258f6531-6087-4cc4-bb90-092c5fb3ed3f
Synchronization.Read.All 5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce 7aa02aeb-824f-4fbe-a3f7-611f751f5b55
Synchronization.ReadWrite.All 9b50c33d-700f-43b1-b2eb-87e89b703581 7bb27fa3-ea8f-4d67-a916-87715b6188bd
Tasks.Read - f45671fb-e0fe-4b4b-be20-3d3ce43f1bcb
Tasks.Read.All f10e1f91-74ed-437f-a6fd-d6ae88e26c1f -
Tasks.Read.Shared - 88d21fd4-8e5a-4c32-b5e2-4a1c95f34f72
Tasks.ReadWrite - 2219042f-cab5-40cc-b0d2-16b1540b4c5f
Tasks.ReadWrite.All 44e666d1-d276-445b-a5fc-8815eeb81d55 -
Tasks.ReadWrite.Shared - c5ddf11b-c114-4886-8558-8a4e557cd52b
Team.Create 23fc2474-f741-46ce-8465-674744c5c361 7825d5d6-6049-4ce7-bdf6-3b8d53f4bcd0
Team.ReadBasic.All 2280dda6-0bfd-44ee-a2f4-cb867cfc4c1e 485be79e-c497-4b35-9400-0e3fa7f2a5d4
TeamMember.Read.All 660b7406-55f1-41ca-a0ed-0b035e182f3e 2497278c-d82d-46a2-b1ce-39d4cdde5570
TeamMember.ReadWrite.All 0121dc95-1b9f-4aed-8bac-58c5ac466691 4a06efd2-f825-4e34-813e-82a57b03d1ee
TeamMember.ReadWriteNonOwnerRole.All 4437522e-9a86-4a41-a7da-e380edd4a97d 2104a4db-3a2f-4ea0-9dba-143d457dc666
TeamsActivity.Read - 0e755559-83fb-4b44-91d0-4cc721b9323e
TeamsActivity.Read.All 70dec828-f620-4914-aa83-a29117306807 -
TeamsActivity.Send a267235f-af13-44dc-8385-c1dc93023186 7ab1d787-bae7-4d5d-8db6-37ea32df9186
TeamSettings.Read.All 242607bd-1d2c-432c-82eb-bdb27baa23ab 48638b3c-ad68-4383-8ac4-e6880ee6ca57
TeamSettings.ReadWrite.All bdd80a03-d9bc-451d-b7c4-ce7c63fe3c8f 39d65650-9d3e-4223-80db-a335590d027e
Teamwork.Migrate.All dfb0dd15-61de-45b2-be36-d6a69fba3c79 -
Teamwork.Read.All 75bcfbce-a647-4fba-ad51-b63d73b210f4 594f4bb6-c083-4cf9-8aa8-213823bdf351
TermStore.Read.All ea047cc2-df29-4f3e-83a3-205de61501ca 297f747b-0005-475b-8fef-c890f5152b38
TermStore.ReadWrite.All f12eb8d6-28e3-46e6-b2c0-b7e4dc69fc95 6c37c71d-f50f-4bff-8fd3-8a41da390140
ThreatHunting.Read.All dd98c7f5-2d42-42d3-a0e4-633161547251 b152eca8-ea73-4a48-8c98-1a6742673d99
TrustFrameworkKeySet.Read.All fff194f1-7dce-4428-8301-1badb5518201 7ad34336-f5b1-44ce-8682-31d7dfcd9ab9
TrustFrameworkKeySet.ReadWrite.All 4a771c9a-1cf2-4609-b88e-3d3e02d539cd 39244520-1e7d-4b4a-aee0-57c65826e427
User-LifeCycleInfo.Read.All 8556a004-db57-4d7a-8b82-97a13428e96f ed8d2a04-0374-41f1-aefe-da8ac87ccc87
User-LifeCycleInfo.ReadWrite.All 925f1248-0f97-47b9-8ec8-538c54e01325 7ee7473e-bd4b-4c9f-987c-bd58481f5fa2
User-Mail.ReadWrite.All 280d0935-0796-47d1-8d26-273470a3f17a 6166886a-9576-433b-8544-658177bdef1d
User-PasswordProfile.ReadWrite.All cc117bb9-00cf-4eb8-b580-ea2a878fe8f7 56760768-b641-451f-8906-e1b8ab31bca7
User-Phone.ReadWrite.All 86ceff06-c822-49ff-989a-d912845ffe69 e29d5979-5b06-4a7f-ae24-6a9348d2e1ff
User.DeleteRestore.All eccc023d-eccf-4e7b-9683-8813ab36cecc 4bb440cd-2cf2-4f90-8004-aa2acd2537c5
User.EnableDisableAccount.All 3011c876-62b7-4ada-afa2-506cbbecc68c f92e74e7-2563-467f-9dd0-902688cb5863
User.Export.All 405a51b5-8d8d-430b-9842-8be4b0e9f324 405a51b5-8d8d-430b-9842-8be4b0e9f324
User.Invite.All 09850681-111b-4a89-9bed-3f2cae46d706 63dd7cd9-b489-4adf-a28c-ac38b9a0f962
User.ManageIdentities.All c529cfca-c91b-489c-af2b-d92990b66ce6 637d7bec-b31e-4deb-acc9-24275642a2c9
User.Read - e1fe6dd8-ba31-4d61-89e7-88639da4683d
User.Read.All df021288-bdef-4463-88db-98f22de89214 a154be20-db9c-4678-8ab7-66f6cc099a59
User.ReadBasic.All 97235f07-e226-4f63-ace3-39588e11d3a1 b340eb25-3456-403f-be2f-af7a0d370277
User.ReadWrite - b4e74841-8e56-480b-be8b-910348b18b4c
User.ReadWrite.All 741f803b-c850-494e-b5df-cde7c675a1ca 204e0828-b5ca-4ad8-b9f3-f32a958e7cc4
User.RevokeSessions.All 77f3a031-c388-4f99-b373-dc68676a979e fc30e98b-8810-4501-81f5-c20a3196387b
UserAuthenticationMethod.Read - 1f6b61c5-2f65-4135-9c9f-31c0f8d32b52
UserAuthenticationMethod.Read.All 38d9df27-64da-44fd-b7c5-a6fbac20248f aec28ec7-4d02-4e8c-b864-50163aea77eb
UserAuthenticationMethod.ReadWrite - 48971fc1-70d7-4245-af77-0beb29b53ee2
UserAuthenticationMethod.ReadWrite.All 50483e42-d915-4231-9639-7fdb7fd190e5 b7887744-6746-4312-813d-72daeaee7e2d
UserAuthMethod-Passkey.Read.All 72e00c1d-3e3d-43bb-a0b9-c435611bb1d2 14195339-1fe4-48a7-a0d3-a39eb9fd8958
UserAuthMethod-Passkey.ReadWrite.All 0400e371-7db1-4338-a269-96069eb65227 64930478-d0ea-4671-ad72-fe0d9821df09
UserTeamwork.Read - 834bcc1c-762f-41b0-bb91-1cdc323ee4bf
UserTeamwork.Read.All fbcd7ef1-df0d-4e05-bb28-93424a89c6df -
`;

interface GraphPermission {
  readonly name: string;
  readonly appRoleId: string | undefined;
  readonly scopeId: string | undefined;
}

function parseRow(row: string): GraphPermission {
  const [name = "", appRoleId, scopeId] = row.split(" ");
  return {
    name,
    appRoleId: appRoleId === "-" ? undefined : appRoleId,
    scopeId: scopeId === "-" ? undefined : scopeId,
  };
}

/** The table's rows, in alphabetical order. */
export const graphPermissions: readonly GraphPermission[] = table.trim().split("\n").map(parseRow);

/** Application permissions, in the shape of `appRoles` of Microsoft Graph's service principal. */
export function graphAppRoles(): AppRole[] {
  return graphPermissions.flatMap(({ name, appRoleId }) =>
    appRoleId === undefined
      ? []
      : [
          {
            allowedMemberTypes: ["Application"],
            description: `Allows the app to use ${name} without a signed-in user.`,
            displayName: name,
            id: appRoleId,
            isEnabled: true,
            origin: "Application",
            value: name,
          },
        ],
  );
}

/** Delegated permissions, in the shape of `oauth2PermissionScopes` of Microsoft Graph's service principal. */
export function graphPermissionScopes(): PermissionScope[] {
  return graphPermissions.flatMap(({ name, scopeId }) =>
    scopeId === undefined
      ? []
      : [
          {
            adminConsentDescription: `Allows the app to use ${name} on behalf of the signed-in user.`,
            adminConsentDisplayName: name,
            id: scopeId,
            isEnabled: true,
            type: "Admin",
            userConsentDescription: null,
            userConsentDisplayName: null,
            value: name,
          },
        ],
  );
}
